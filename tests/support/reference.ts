// Where the reference implementation is: the npm package @openai/codex, used only as a test peer. It is
// taken from CODEX_REFERENCE_BIN, or installed by npm into the tests' cache folder; nothing of it is shipped.

import { type CommandLine, run } from "./process.ts";
import { cacheRoot } from "./workspace.ts";

export const REFERENCE_VERSION = "0.120.0";
/** A later generation, that speaks a later form of the protocol. */
export const LATER_VERSION = "0.169.0";

/** The command that users of the reference run: the npm launcher. */
export async function referenceCommand(version = REFERENCE_VERSION): Promise<CommandLine> {
  return { command: await launcherPath(version), args: [] };
}

/** The native executable inside the npm package, without the node launcher in front; for figures. */
export async function referenceNativeCommand(): Promise<CommandLine> {
  const launcher = await Deno.realPath(await launcherPath(REFERENCE_VERSION));
  const root = launcher.replace(/\/@openai\/codex\/bin\/[^/]*$/, "/@openai");
  const found = await run({
    command: "find",
    args: [root, "-type", "f", "-name", "codex", "-path", "*vendor*", "-perm", "-u+x"],
  });
  const path = found.stdout.split("\n").find((line) => line.endsWith("/codex/codex"));
  if (path === undefined) throw new Error(`Cannot find the native executable of the reference under ${root}`);
  return { command: path, args: [] };
}

async function launcherPath(version: string): Promise<string> {
  const given = version === REFERENCE_VERSION ? Deno.env.get("CODEX_REFERENCE_BIN") : undefined;
  if (given !== undefined && given !== "") return given;
  const folder = `${cacheRoot()}/reference-${version}`;
  const path = `${folder}/node_modules/.bin/codex`;
  if (await isFile(path)) return path;
  await install(folder, version);
  if (!await isFile(path)) throw new Error(`npm left no ${path}`);
  return path;
}

/** Installs beside and renames, so that two test processes may race and a broken install is never seen. */
async function install(folder: string, version: string): Promise<void> {
  const parent = folder.slice(0, folder.lastIndexOf("/"));
  await Deno.mkdir(parent, { recursive: true });
  const fresh = await Deno.makeTempDir({ dir: parent, prefix: "install-" });
  await Deno.writeTextFile(`${fresh}/package.json`, '{"private":true}\n');
  const result = await run({
    command: "npm",
    args: ["install", "--no-audit", "--no-fund", "--loglevel=error", `@openai/codex@${version}`],
  }, { cwd: fresh, timeoutMs: 300_000 });
  if (result.code !== 0) throw new Error(`Cannot install the reference by npm: ${result.stderr}`);
  try {
    await Deno.rename(fresh, folder);
  } catch {
    // Another process was first; its install is as good as ours.
    await Deno.remove(fresh, { recursive: true });
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
