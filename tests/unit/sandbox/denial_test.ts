import { equal } from "node:assert/strict";
import { looksDenied } from "../../../src/sandbox/denial.ts";

const ROWS: readonly (readonly [string, number, string, "none" | "full", boolean])[] = [
  ["success is never a denial", 0, "Permission denied", "none", false],
  ["a read-only file system", 1, "touch: cannot touch 'x': Read-only file system\n", "none", true],
  ["not permitted", 1, "mount: Operation not permitted", "none", true],
  ["a plain failure", 1, "1 test failed", "none", false],
  ["not found", 127, "bash: nope: command not found", "none", false],
  ["not executable", 126, "bash: ./x: Permission denied", "none", false],
  ["the launcher's own error", 1, "bwrap: Can't chdir to /x", "none", true],
  ["killed by the filter", 159, "", "none", true],
  ["no network by the sandbox", 6, "curl: (6) Could not resolve host: example.com", "none", true],
  ["no network by itself", 6, "curl: (6) Could not resolve host: example.com", "full", false],
];

for (const [name, exitCode, output, network, expected] of ROWS) {
  Deno.test(`looksDenied() ${name}: ${expected}`, () => equal(looksDenied({ exitCode, output, network }), expected));
}
