// How the tests start the product: the binary named by CODEX_TEST_BINARY, or the source by the deno that runs the
// tests. Black-box tests know no other way in.

import type { CommandLine } from "./process.ts";

const root = new URL("../../", import.meta.url).pathname;

/** The project's folder, with a slash at the end. */
export function projectRoot(): string {
  return root;
}

/** The command line that starts our codex; append its arguments. */
export function codexCommand(): CommandLine {
  const binary = Deno.env.get("CODEX_TEST_BINARY");
  if (binary !== undefined && binary !== "") return { command: absolute(binary), args: [] };
  return {
    command: Deno.execPath(),
    args: ["run", "-A", "--quiet", "--no-check", "--config", `${root}deno.json`, `${root}main.ts`],
  };
}

/** True when the tests run against a built binary. */
export function testsBinary(): boolean {
  return (Deno.env.get("CODEX_TEST_BINARY") ?? "") !== "";
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `${root}${path}`;
}
