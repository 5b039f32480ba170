// A terminal emulator in memory, as the device that a terminal UI draws on: what a person would see, and keys that a
// person would press.
import type { Terminal as Device } from "@earendil-works/pi-tui";
// @xterm/headless is CommonJS; its module object is the default export.
import xterm from "@xterm/headless";
import type { TerminalHost } from "../../src/host/terminal.ts";

export interface VirtualTerminal {
  readonly device: Device;
  readonly host: TerminalHost;
  /** Printed outside of the screen's control: the farewell, errors. */
  readonly printed: { stdout: string; stderr: string };
  type(text: string): void;
  resize(columns: number, rows: number): void;
  terminate(signal: "SIGTERM" | "SIGHUP" | "SIGINT"): void;
  /** The rows that are visible, without the blanks at their ends. */
  screen(): string[];
  /** All rows, those above the screen too. */
  everything(): string[];
  /** Settles when the visible rows match; throws with the screen after `timeoutMs`. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<void>;
  waitUntil(holds: (screen: string) => boolean, timeoutMs?: number): Promise<void>;
  dispose(): void;
}

export function openVirtualTerminal(columns: number, rows: number): VirtualTerminal {
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 5000 });
  const printed = { stdout: "", stderr: "" };
  const watchers = new Set<() => void>();
  const signals = new Set<(signal: "SIGTERM" | "SIGHUP" | "SIGINT") => void>();
  let onInput: (data: string) => void = () => {};
  let onResize: () => void = () => {};

  const write = (data: string): void => emulator.write(data, () => watchers.forEach((watch) => watch()));
  const device: Device = {
    start(input, resize): void {
      onInput = input;
      onResize = resize;
    },
    stop(): void {
      onInput = () => {};
    },
    drainInput: () => Promise.resolve(),
    write,
    get columns(): number {
      return emulator.cols;
    },
    get rows(): number {
      return emulator.rows;
    },
    kittyProtocolActive: false,
    moveBy: (lines) => write(lines > 0 ? `\x1b[${lines}B` : lines < 0 ? `\x1b[${-lines}A` : ""),
    hideCursor: () => write("\x1b[?25l"),
    showCursor: () => write("\x1b[?25h"),
    clearLine: () => write("\x1b[K"),
    clearFromCursor: () => write("\x1b[J"),
    clearScreen: () => write("\x1b[2J\x1b[H"),
    setTitle: () => {},
    setProgress: () => {},
  };

  const readRows = (from: number, to: number): string[] =>
    Array.from(
      { length: Math.max(0, to - from) },
      (_, at) => emulator.buffer.active.getLine(from + at)?.translateToString(true).trimEnd() ?? "",
    );

  const self: VirtualTerminal = {
    device,
    host: {
      stdinIsTerminal: true,
      stdoutIsTerminal: true,
      writeStdout: (text) => {
        printed.stdout += text;
      },
      writeStderr: (text) => {
        printed.stderr += text;
      },
      leaveRawMode: () => {},
      onTerminate(listener): () => void {
        signals.add(listener);
        return () => signals.delete(listener);
      },
      suspend: () => Promise.resolve(false),
    },
    printed,
    type: (text) => onInput(text),
    resize(newColumns, newRows): void {
      emulator.resize(newColumns, newRows);
      onResize();
    },
    terminate: (signal) => signals.forEach((listener) => listener(signal)),
    screen: () => readRows(emulator.buffer.active.baseY, emulator.buffer.active.baseY + emulator.rows),
    everything: () => readRows(0, emulator.buffer.active.length),
    waitFor: (pattern, timeoutMs) => self.waitUntil((screen) => pattern.test(screen), timeoutMs),
    waitUntil(holds, timeoutMs = 5_000): Promise<void> {
      return new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          clearTimeout(timer);
          watchers.delete(watch);
          settle();
        };
        const watch = (): void => {
          if (holds(self.screen().join("\n"))) finish(resolve);
        };
        const timer = setTimeout(
          () => finish(() => reject(new Error(`Not seen within ${timeoutMs} ms on:\n${self.screen().join("\n")}`))),
          timeoutMs,
        );
        watchers.add(watch);
        watch();
      });
    },
    dispose: () => emulator.dispose(),
  };
  return self;
}
