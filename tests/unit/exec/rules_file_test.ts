import { deepEqual, equal, throws } from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { formatAllowRule, matchedPrefix, parseRulesFile, type PrefixRule } from "../../../src/exec/rules_file.ts";

const rule = (
  pattern: string[][],
  decision: PrefixRule["decision"] = "allow",
  justification: string | null = null,
): PrefixRule => ({
  pattern,
  decision,
  justification,
});

const FILES: readonly (readonly [string, string, readonly PrefixRule[]])[] = [
  ["nothing", "", []],
  ["comments", "# a\n\n  # b\n", []],
  ["the default decision", `prefix_rule(pattern=["a"])`, [rule([["a"]])]],
  [
    "all parameters",
    `prefix_rule(\n  pattern = ["git", ["status", 'diff']], # c\n  decision="prompt",\n  justification="why",\n)\n`,
    [
      rule([["git"], ["status", "diff"]], "prompt", "why"),
    ],
  ],
  ["positions", `prefix_rule(["a"], "forbidden")`, [rule([["a"]], "forbidden")]],
  ["escapes", String.raw`prefix_rule(pattern=["a\"b", 'c\nd', r"e\n", "\u00fc", "\q"])`, [
    rule([[`a"b`], ["c\nd"], ["e\\n"], ["ü"], ["\\q"]]),
  ]],
  ["examples that hold", `prefix_rule(pattern=["a"], match=["a b", ["a"]], not_match=["b"])`, [rule([["a"]])]],
  [
    "calls of other versions",
    `network_rule(host="a", protocol="https", decision="deny")\nhost_executable(name="g", paths=[])`,
    [],
  ],
];

for (const [name, text, expected] of FILES) {
  Deno.test(`parseRulesFile() reads ${name}`, () => deepEqual(parseRulesFile(text, "x.rules"), expected));
}

const BROKEN: readonly (readonly [string, RegExp])[] = [
  [`prefix_rule(pattern=[])`, /x\.rules:1: pattern must be a list that is not empty/],
  [`prefix_rule(pattern="a b")`, /:1: pattern must be a list/],
  [`prefix_rule(pattern=["a", []])`, /:1: a pattern element/],
  [`prefix_rule(pattern=["a", 1])`, /:1: a pattern element/],
  [`\n\nprefix_rule(pattern=["a"], decision="maybe")`, /:3: decision must be/],
  [`prefix_rule(pattern=["a"], extra=1)`, /:1: prefix_rule has no parameter "extra"/],
  [`prefix_rule(pattern=["a"], match=["b"])`, /does not match its example b/],
  [`prefix_rule(pattern=["a"], not_match=["a b"])`, /matches its counter-example a b/],
  [`prefix_rule(pattern=x)`, /only literal values are understood, not x/],
  [`prefix_rule(pattern=["a"] + ["b"])`, /unexpected "\+"/],
  [`prefix_rule(pattern=["a"`, /the file ends in the middle/],
  [`prefix_rule(pattern=["a`, /unexpected/],
  [`x = 1`, /unexpected =/],
  [`foo()`, /unknown function "foo"/],
  [`prefix_rule(pattern=["a"], pattern=["b"])`, /given twice/],
];

for (const [text, expected] of BROKEN) {
  Deno.test(`parseRulesFile() refuses ${JSON.stringify(text)}`, () => {
    throws(() => parseRulesFile(text, "x.rules"), (error: unknown) => {
      return error instanceof CodexError && error.code === "CONFIG_INVALID" && expected.test(error.message);
    });
  });
}

Deno.test("formatAllowRule() writes what is recorded, and what parseRulesFile() reads back", () => {
  const prefix = ["/bin/bash", "-lc", "python3 -c 'print(1)' > \"/opt/x\"\n"];
  equal(
    formatAllowRule(["rm", "-rf", "/opt/mock-rm"]),
    `prefix_rule(pattern=["rm", "-rf", "/opt/mock-rm"], decision="allow")`,
  );
  deepEqual(parseRulesFile(formatAllowRule(prefix), "x"), [rule(prefix.map((word) => [word]))]);
});

Deno.test("matchedPrefix() matches whole words from the start", () => {
  const git = rule([["git"], ["status", "diff"]]);
  deepEqual(matchedPrefix(git, ["git", "diff", "x"]), ["git", "diff"]);
  equal(matchedPrefix(git, ["git"]), null);
  equal(matchedPrefix(git, ["git", "diffs"]), null);
  equal(matchedPrefix(rule([[""]]), []), null);
});
