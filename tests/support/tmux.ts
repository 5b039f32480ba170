// A real terminal for tests: one program in one window of a private tmux server. Tests read the screen by polling
// with a deadline and send keys; the server is always killed, by its own socket.

import { type CommandLine, delay, run, WAIT_MS } from "./process.ts";

export interface TerminalOptions {
  cwd: string;
  env: Record<string, string>;
  /** Default 100. */
  columns?: number;
  /** Default 40. */
  rows?: number;
}

/** Starts `line` in a fresh terminal; `await using` ends it. */
export async function openTerminal(line: CommandLine, options: TerminalOptions): Promise<Terminal> {
  const socket = `codex-test-${crypto.randomUUID().slice(0, 13)}`;
  const folder = await Deno.makeTempDir({ prefix: "tmux-" });
  const settings = `${folder}/tmux.conf`;
  await Deno.writeTextFile(
    settings,
    [
      "set -g remain-on-exit on",
      "set -g default-terminal tmux-256color",
      "set -g history-limit 20000",
      "set -sg escape-time 0",
      "set -g status off",
      "",
    ].join("\n"),
  );
  const words = ["env", "-i", ...Object.entries(options.env).map(([name, value]) => `${name}=${value}`)];
  // tmux sets TERM and TMUX for its children; the program gets tmux's TERM and not the variable.
  const shellLine = [...words, "TERM=tmux-256color", line.command, ...line.args].map(quote).join(" ");
  const terminal = new Terminal(socket, folder);
  await terminal.tmux([
    "-f",
    settings,
    "new-session",
    "-d",
    "-x",
    String(options.columns ?? 100),
    "-y",
    String(options.rows ?? 40),
    "-c",
    options.cwd,
    // tmux itself sometimes loses the exit status of a dead pane; a shell keeps it.
    `${shellLine}; printf %s $? > ${quote(`${folder}/status.part`)}; mv ${quote(`${folder}/status.part`)} ${
      quote(`${folder}/status`)
    }`,
  ]);
  return terminal;
}

export class Terminal implements AsyncDisposable {
  readonly #socket: string;
  readonly #folder: string;

  constructor(socket: string, folder: string) {
    this.#socket = socket;
    this.#folder = folder;
  }

  async tmux(args: string[]): Promise<string> {
    const result = await run({ command: "tmux", args: ["-L", this.#socket, ...args] });
    if (result.code !== 0) throw new Error(`tmux ${args[0]}: ${result.stderr.trim()}`);
    return result.stdout;
  }

  /** The visible screen as text. */
  screen(): Promise<string> {
    return this.tmux(["capture-pane", "-p"]);
  }

  /** The visible screen and everything that scrolled off. */
  history(): Promise<string> {
    return this.tmux(["capture-pane", "-p", "-S", "-"]);
  }

  /** Types text as keystrokes. */
  async type(text: string): Promise<void> {
    await this.tmux(["send-keys", "-l", "--", text]);
  }

  /** Presses named keys: Enter, Escape, C-c, Up, y. */
  async press(...keys: string[]): Promise<void> {
    await this.tmux(["send-keys", ...keys]);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.tmux(["resize-window", "-x", String(columns), "-y", String(rows)]);
  }

  /** Waits until screen and history match every pattern (or satisfy the function); returns the text. */
  async waitFor(what: RegExp | RegExp[] | ((text: string) => boolean), timeoutMs = WAIT_MS): Promise<string> {
    const patterns = typeof what === "function" ? [] : [what].flat();
    const holds = typeof what === "function" ? what : (text: string) => patterns.every((each) => each.test(text));
    const deadline = Date.now() + timeoutMs;
    while (true) {
      const text = await this.history();
      if (holds(text)) return text;
      if (Date.now() > deadline) {
        const names = patterns.length === 0 ? String(what) : patterns.filter((each) => !each.test(text)).join(" and ");
        throw new Error(`The screen did not show ${names} within ${timeoutMs} ms:\n${text.trimEnd()}`);
      }
      const ended = await this.exitCode();
      if (ended !== undefined) {
        const last = await this.history();
        if (holds(last)) return last;
        throw new Error(`The program ended with ${ended} before it showed ${String(what)}:\n${last.trimEnd()}`);
      }
      await delay(60);
    }
  }

  /**
   * Types a line and presses Enter until `accepted` holds. A burst of keys followed by Enter looks like a paste to a
   * terminal UI that guesses, so Enter waits for the text to be drawn, and is repeated if it was swallowed.
   */
  async submit(text: string, accepted: () => boolean | Promise<boolean>, timeoutMs = WAIT_MS): Promise<void> {
    await this.type(text);
    const tail = text.slice(-16).replace(/\s+/g, "");
    await this.waitFor((screen) => screen.replace(/\s+/g, "").includes(tail));
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      await delay(150);
      await this.press("Enter");
      const until = Date.now() + 2500;
      while (Date.now() < until) {
        if (await accepted()) return;
        await delay(40);
      }
    }
    throw new Error(`Enter did not submit "${text}":\n${(await this.history()).trimEnd()}`);
  }

  /** The exit code of the program, or undefined while it runs. */
  async exitCode(): Promise<number | undefined> {
    try {
      return Number(await Deno.readTextFile(`${this.#folder}/status`));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Waits for the end of the program; its exit code. */
  async waitForExit(timeoutMs = WAIT_MS): Promise<number> {
    const deadline = Date.now() + timeoutMs;
    while (true) {
      const code = await this.exitCode();
      if (code !== undefined) return code;
      if (Date.now() > deadline) {
        throw new Error(`The program still runs after ${timeoutMs} ms:\n${(await this.history()).trimEnd()}`);
      }
      await delay(60);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run({ command: "tmux", args: ["-L", this.#socket, "kill-server"] });
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
