import { deepEqual, equal } from "node:assert/strict";
import { readAsset } from "../../../src/host/assets.ts";
import { loadShellParser } from "../../../src/exec/shell_parser.ts";

const parser = await loadShellParser(readAsset);

const PLAIN: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  ["ls", [["ls"]]],
  ["ls;", [["ls"]]],
  ["a && b || c; d | e\nf", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]],
  [`cat a\\ b 'c d'"e f"g`, [["cat", "a b", "c de fg"]]],
  [`echo "a\\"b\\$c" ''`, [["echo", `a"b$c`, ""]]],
  ['echo "a\nb"', [["echo", "a\nb"]]],
  ["find . \\( -type f \\) -exec x {} \\;", [["find", ".", "(", "-type", "f", ")", "-exec", "x", "{}", ";"]]],
  ["git log --format='%h'", [["git", "log", "--format=%h"]]],
];

for (const [script, expected] of PLAIN) {
  Deno.test(`parse() ${JSON.stringify(script)}`, () => {
    deepEqual(parser.parse(script)?.commands.map(({ words }) => words), expected);
  });
}

const MORE_THAN_PLAIN = [
  "",
  "ls &",
  "ls |& cat",
  "A=1 ls",
  "A=1",
  "ls > x",
  "ls 2>&1",
  "cat < x",
  "cat <<E\nx\nE",
  "cat <<< x",
  "echo $a",
  'echo "$a"',
  "echo $(x)",
  "echo `x`",
  "cat <(x)",
  "echo $'x'",
  'echo $"x"',
  "echo {1..3}",
  "(ls)",
  "{ ls; }",
  "! ls",
  "if a; then b; fi",
  "for i in 1; do ls; done",
  "[[ a ]]",
  "f() { ls; }",
  "ls # c",
  "ls &&",
  "ls |",
  "echo 'a",
  "ls\\\n-l",
  "ls\u00a0-l",
  "ls\r\n",
  "ls \u0007",
];

for (const script of MORE_THAN_PLAIN) {
  Deno.test(`parse() ${JSON.stringify(script)} is more than plain commands`, () => equal(parser.parse(script), null));
}

Deno.test("parse() says which commands the shell may expand, and what is one pipeline", () => {
  deepEqual(
    ["ls *", "ls '*'", "ls {a,b}", "ls \\*", "ls [a]"].map((script) => parser.parse(script)?.commands[0]?.expands),
    [true, false, true, false, true],
  );
  deepEqual(["a | b", "a | b; c", "a"].map((script) => parser.parse(script)?.isPipeline), [true, false, false]);
});
