// Wine 10 in a Debian trixie folder of its own under the tests' cache: programs for Windows run there at the level of the
// API. Wine enforces neither restricted tokens nor access lists: what its kernel would refuse is not shown here.

import { exists } from "./exists.ts";
import { type CommandLine, run, type RunOptions, type RunResult } from "./process.ts";
import { ensureTools } from "./tools.ts";
import { cacheRoot } from "./workspace.ts";

const SUITE = "trixie";
const MIRROR = "http://deb.debian.org/debian";
const INSTALL_TIMEOUT_MS = 300_000;
const PREFIX = "/root/.wine";

/** A folder with Debian and wine in it. */
export class Wine {
  constructor(readonly root: string) {}

  /** A fresh folder that is seen from both sides. */
  async scratch(): Promise<WineScratch> {
    await Deno.mkdir(`${this.root}/w`, { recursive: true });
    return new WineScratch(this, await Deno.makeTempDir({ dir: `${this.root}/w`, prefix: "t" }));
  }

  /** The command line that runs a program for Windows; mounts are of this call alone. */
  command(args: readonly string[], env: Readonly<Record<string, string>> = {}): CommandLine {
    const script = 'root=$1; shift; mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && ' +
      'exec chroot "$root" "$@"';
    const variables = Object.entries({
      HOME: "/root",
      PATH: "/usr/bin:/bin",
      LANG: "C.UTF-8",
      WINEPREFIX: PREFIX,
      WINEDEBUG: "-all",
      XDG_RUNTIME_DIR: "/run",
      NO_COLOR: "1",
      ...env,
    }).map(([name, value]) => `${name}=${value}`);
    const inside = ["/usr/bin/env", "-i", ...variables, "/usr/lib/wine/wine64", ...args];
    return { command: "unshare", args: ["--mount", "sh", "-c", script, "sh", this.root, ...inside] };
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { env = {}, ...rest } = options;
    return await run(this.command(args, env), { ...rest, timeoutMs: options.timeoutMs ?? 60_000 });
  }

  /**
   * Keeps wine's own services running until this process ends: else each program starts them anew, and they hold its
   * output open for seconds.
   */
  keepRunning(): void {
    const { command, args } = this.command(["cmd"]);
    const keeper = new Deno.Command(command, { args, stdin: "piped", stdout: "null", stderr: "null" }).spawn();
    globalThis.addEventListener("unload", () => keeper.kill("SIGKILL"));
  }

  /** Ends what wine left running. */
  async stop(): Promise<void> {
    const { args } = this.command([]);
    await run({
      command: "unshare",
      args: args.map((word) => word === "/usr/lib/wine/wine64" ? "/usr/lib/wine/wineserver64" : word).concat("-k"),
    });
  }
}

export class WineScratch implements AsyncDisposable {
  constructor(readonly wine: Wine, readonly path: string) {}

  /** How programs inside call a path below this folder. */
  windows(path = ""): string {
    const inside = `${this.path}${path === "" ? "" : `/${path}`}`.slice(this.wine.root.length);
    return `Z:${inside.replaceAll("/", "\\")}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Made once, in about a minute, and kept; a failure to fetch it is a failure of the test. */
export async function ensureWine(): Promise<Wine> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) {
    throw new Error("Wine for the tests needs Linux and root: it is a Debian system in a folder (debootstrap, chroot)");
  }
  const folder = `${cacheRoot()}/wine-${SUITE}`;
  const wine = new Wine(folder);
  if (await exists(`${folder}/${PREFIX}/system.reg`)) return wine;
  await ensureTools(["debootstrap"], () => {});
  await Deno.mkdir(cacheRoot(), { recursive: true });
  // Beside, and renamed when it is whole: a run that was cut short leaves nothing that looks like wine.
  const fresh = await Deno.makeTempDir({ dir: cacheRoot(), prefix: "wine-install-" });
  await Deno.chmod(fresh, 0o755);
  const made = await run({
    command: "debootstrap",
    args: ["--variant=minbase", "--include=wine64,wine", SUITE, fresh, MIRROR],
  }, { timeoutMs: INSTALL_TIMEOUT_MS });
  if (made.code !== 0) {
    throw new Error(
      `Cannot install wine: debootstrap ended with ${made.code}: ${made.stdout.slice(-500)}${made.stderr}`,
    );
  }
  const booted = await new Wine(fresh).run(["wineboot", "-i"], { timeoutMs: INSTALL_TIMEOUT_MS });
  await new Wine(fresh).stop();
  // The registry is written when wine's server ends, which it does a moment after that.
  await new Wine(fresh).run(["cmd", "/c", "exit"], { timeoutMs: INSTALL_TIMEOUT_MS });
  await new Wine(fresh).stop();
  if (!await exists(`${fresh}/${PREFIX}/system.reg`)) throw new Error(`Wine made no registry: ${booted.stderr}`);
  try {
    await Deno.rename(fresh, folder);
  } catch {
    // Another process was first; its install is as good as ours.
    await run({ command: "rm", args: ["-rf", "--one-file-system", fresh] });
  }
  return wine;
}

/** Our program for Windows, as `deno task build --target x86_64-pc-windows-msvc` leaves it. */
export async function windowsBinary(): Promise<string> {
  const named = Deno.env.get("CODEX_WINDOWS_BINARY");
  const path = named ?? new URL("../../dist/x86_64-pc-windows-msvc/codex.exe", import.meta.url).pathname;
  if (await exists(path)) return path;
  throw new Error(`There is no ${path}: run deno task build --target x86_64-pc-windows-msvc`);
}
