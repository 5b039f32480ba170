// What a `codex sandbox` command line comes to mean, and which ones contradict themselves.
import assert from "node:assert/strict";
import { decide } from "../../../src/cli/high_args.ts";
import { findCommand } from "../../../src/cli/commands.ts";
import { parseLevel } from "../../../src/cli/parse_level.ts";
import type { SandboxArgs } from "../../../src/cli/sandbox_args.ts";
import { splitArgv } from "../../../src/cli/split_argv.ts";
import { UsageError } from "../../../src/cli/usage_error.ts";

function decideLine(argv: readonly string[]): unknown {
  const split = splitArgv(["sandbox", ...argv]);
  const command = findCommand(split.word ?? "");
  assert.ok(command !== undefined && command !== "help");
  const before = parseLevel("tui", split.before);
  return decide({ command, before, after: parseLevel(command, split.after) }, {});
}

const standard: SandboxArgs = {
  kind: "sandbox",
  platform: null,
  mode: null,
  permissions: null,
  folder: null,
  addedFolders: [],
  printPlan: false,
  logDenials: false,
  words: ["ls"],
  config: { assignments: [], settings: [], profile: null, writableRoots: [], localProvider: null },
};

const ROWS: readonly (readonly [argv: string, expected: Partial<SandboxArgs>])[] = [
  ["ls", {}],
  ["-- ls", {}],
  ["linux ls", { platform: "linux" }],
  ["landlock -- ls", { platform: "linux" }],
  ["macos ls", { platform: "macos" }],
  ["seatbelt ls", { platform: "macos" }],
  ["windows ls", { platform: "windows" }],
  ["--full-auto ls", { mode: "workspace-write" }],
  ["-s danger-full-access ls", { mode: "danger-full-access" }],
  ["linux --permissions build ls", { platform: "linux", permissions: "build" }],
  ["-C /x --add-dir /y --add-dir z ls", { folder: "/x", addedFolders: ["/y", "z"] }],
  ["--print-plan", { printPlan: true, words: [] }],
  ["--log-denials ls --log-denials", { logDenials: true, words: ["ls", "--log-denials"] }],
  ["-c a=1 ls -c", { words: ["ls", "-c"], config: { ...standard.config, assignments: ["a=1"] } }],
  ["--enable use_legacy_landlock ls", {
    config: { ...standard.config, settings: [{ key: "features.use_legacy_landlock", value: true }] },
  }],
];
for (const [argv, expected] of ROWS) {
  Deno.test(`decide() codex sandbox ${argv}`, () => {
    assert.deepEqual(decideLine(argv.split(" ")), { ...standard, ...expected });
  });
}

const WRONG: readonly (readonly [argv: string, message: RegExp])[] = [
  ["linux", /required arguments were not provided:\n {2}<COMMAND>/],
  ["--full-auto", /required arguments/],
  ["--full-auto -s read-only ls", /'--full-auto' cannot be used with '--sandbox/],
  ["--full-auto --permissions x ls", /cannot be used with/],
  ["-s read-only --permissions x ls", /cannot be used with/],
  ["-s read-only --add-dir /x ls", /'--add-dir <DIR>' cannot be used with '--sandbox read-only'/],
  ["-s nonsense ls", /invalid value 'nonsense' for '--sandbox/],
  ["--nonsense ls", /unexpected argument '--nonsense'/],
  ["--model x ls", /unexpected argument '--model'/],
];
for (const [argv, message] of WRONG) {
  Deno.test(`decide() refuses codex sandbox ${argv}`, () => {
    assert.throws(() => decideLine(argv.split(" ")), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  });
}
