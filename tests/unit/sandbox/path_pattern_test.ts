import { deepEqual, equal, throws } from "node:assert/strict";
import { parsePathPattern } from "../../../src/sandbox/path_pattern.ts";

const ROWS: readonly (readonly [string, string, boolean])[] = [
  ["/ws/**/*.env", "/ws/.env", true],
  ["/ws/**/*.env", "/ws/a/b/prod.env", true],
  ["/ws/**/*.env", "/ws/a/.env/x", false],
  ["/ws/**/*.env", "/wsx/.env", false],
  ["/ws/*.env", "/ws/a/.env", false],
  ["/ws/a?c", "/ws/abc", true],
  ["/ws/a?c", "/ws/a/c", false],
  ["/ws/[ab]", "/ws/b", true],
  ["/ws/[!ab]", "/ws/b", false],
  ["/ws/[!ab]", "/ws/c", true],
  ["/ws/[a-c]x", "/ws/bx", true],
  ["/ws/*.{pem,key}", "/ws/id.key", true],
  ["/ws/*.{pem,key}", "/ws/id.pub", false],
  ["/ws/**", "/ws/a/b", true],
  ["/ws/**", "/ws", false],
  ["/ws/\\*", "/ws/*", true],
  ["/ws/\\*", "/ws/a", false],
  ["/ws/a.b", "/ws/aXb", false],
  ["/**/.ssh", "/home/u/.ssh", true],
  ["/ws/*.env", "/ws/line\nend.env", true],
];

for (const [pattern, path, expected] of ROWS) {
  Deno.test(`parsePathPattern() ${pattern} ${expected ? "matches" : "does not match"} ${JSON.stringify(path)}`, () => {
    equal(parsePathPattern(pattern).matches(path), expected);
  });
}

Deno.test("parsePathPattern() says where to look, and whether a match may move", () => {
  const seen = ["/ws/**/*.env", "/ws/a/*.env", "/**/x", "/ws/**/a/*.env"].map(parsePathPattern);
  deepEqual(seen.map(({ base, isAnyDepth }) => [base, isAnyDepth]), [
    ["/ws", true],
    ["/ws/a", false],
    ["/", true],
    ["/ws", false],
  ]);
});

Deno.test("parsePathPattern() refuses what has no end or no beginning", () => {
  for (const pattern of ["/ws/[a", "/ws/{a,b", "ws/*"]) throws(() => parsePathPattern(pattern), /Cannot read the path/);
});
