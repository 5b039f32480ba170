// The C library of Linux is opened by files that ask first which system this is, or by files that only Linux comes to:
// then whoever imports them says here why.
import { deepEqual } from "node:assert/strict";
import { projectRoot } from "../../support/codex_under_test.ts";

const OPENS_IT = /dlopen\(\s*"libc\.so\.6"/;
const ASKS_FIRST = /Deno\.build\.os !== "linux"/;

/** Files outside of src/sandbox/linux that import one that does not ask, and what keeps other systems from it. */
const COMES_FROM: Readonly<Record<string, string>> = {
  "src/cli/commands/sandbox_launch.ts": "platform.os is asked before each use; other systems are attended plainly",
  "src/host/libc.ts": "by the platform",
  "src/host/program_lookup.ts": "readPlatform() is asked",
  "src/host/terminal_leader.ts": "takes helpers for texts alone",
  "src/sandbox/protected_paths.ts": "the plan's resolution of Linux; isHeldName() reads a mode",
};

async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${projectRoot()}/${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await sources(path));
    else if (name.endsWith(".ts")) found.push(path);
  }
  return found;
}

Deno.test("files that open the C library of Linux ask for the system first, or only Linux comes to them", async () => {
  const texts = new Map<string, string>();
  for (const path of await sources("src")) texts.set(path, await Deno.readTextFile(`${projectRoot()}/${path}`));
  const importsOf = (path: string, text: string): string[] =>
    [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(([, to = ""]) =>
      new URL(to, `file:///${path}`).pathname.slice(1)
    );
  const linuxOnly = new Set(
    [...texts].filter(([, text]) => OPENS_IT.test(text) && !ASKS_FIRST.test(text)).map(([p]) => p),
  );
  const gateways = new Set<string>();
  // Files of the host that import one are Linux's own too, unless they are named above.
  for (let before = -1; before !== linuxOnly.size;) {
    before = linuxOnly.size;
    for (const [path, text] of texts) {
      if (linuxOnly.has(path) || path.startsWith("src/sandbox/linux/")) continue;
      if (!importsOf(path, text).some((to) => linuxOnly.has(to))) continue;
      if (path.startsWith("src/host/") && !(path in COMES_FROM)) linuxOnly.add(path);
      else gateways.add(path);
    }
  }
  // Nothing is missing, and nothing is named that no longer is one.
  deepEqual([...gateways].sort(), Object.keys(COMES_FROM).sort());
});
