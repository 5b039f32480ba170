import { deepEqual, equal } from "node:assert/strict";
import { shellCommand, shellScript } from "../../../src/exec/command_line.ts";

Deno.test("shellCommand() takes the named shell, else the user's own, else bash", () => {
  const request = { cmd: "ls", shell: null, login: true, environment: {} };
  deepEqual(shellCommand(request), ["/bin/bash", "-lc", "ls"]);
  deepEqual(shellCommand({ ...request, login: false }), ["/bin/bash", "-c", "ls"]);
  deepEqual(shellCommand({ ...request, environment: { SHELL: "/usr/bin/zsh" } }), ["/usr/bin/zsh", "-lc", "ls"]);
  deepEqual(shellCommand({ ...request, environment: { SHELL: "/usr/bin/fish" } }), ["/bin/bash", "-lc", "ls"]);
  deepEqual(shellCommand({ ...request, shell: "/bin/sh" }), ["/bin/sh", "-lc", "ls"]);
});

const SCRIPTS: readonly (readonly [readonly string[], string | null])[] = [
  [["/bin/bash", "-lc", "ls"], "ls"],
  [["sh", "-c", "ls"], "ls"],
  [["bash", "-x", "ls"], null],
  [["bash", "-c", "ls", "name"], null],
  [["python3", "-c", "ls"], null],
  [["ls"], null],
  [[], null],
];

for (const [argv, expected] of SCRIPTS) {
  Deno.test(`shellScript() of ${JSON.stringify(argv)}`, () => equal(shellScript(argv), expected));
}
