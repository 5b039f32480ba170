import assert from "node:assert/strict";
import fc from "fast-check";
import { parseFrontMatter } from "../../../src/extensions/front_matter.ts";

const map = (...entries: [string, string][]): Map<string, string> => new Map(entries);

Deno.test("parseFrontMatter() reads what front matter has", () => {
  const rows: [string, [string, unknown][] | null][] = [
    ["---\na: b\n---\n", [["a", "b"]]],
    ["\uFEFF---\r\na: b\r\n---\r\n", [["a", "b"]]],
    ["---\n---", []],
    ["--- \na: b # note\n# c: d\n---", [["a", "b"]]],
    ["---\na: \"q # \\\"x\\\"\\n\"\nb: 'it''s'\n---", [["a", 'q # "x"\n'], ["b", "it's"]]],
    ["---\na: use when: asked\n---", [["a", "use when: asked"]]],
    ["---\na: http://x\n---", [["a", "http://x"]]],
    ["---\na: |\n  one\n    two\n\n  three\nb: c\n---", [["a", "one\n  two\n\nthree"], ["b", "c"]]],
    ["---\na: >-\n  one\n  two\n---", [["a", "one two"]]],
    ["---\na: one\n  two\n---", [["a", "one two"]]],
    ["---\na:\n  b: c\n  d: 'e'\n  f:\n    - g\n---", [["a", map(["b", "c"], ["d", "e"])]]],
    ["---\na:\n  - b: c\nd: [e]\nf: {g: h}\n---", [["a", null], ["d", null], ["f", null]]],
    ["---\na:\nb: c\n---", [["a", ""], ["b", "c"]]],
    ["a: b\n", null],
    ["---\na: b\n", null],
    ["", null],
  ];
  for (const [text, expected] of rows) {
    const fields = parseFrontMatter(text)?.fields;
    assert.deepEqual(fields === undefined ? null : [...fields], expected, JSON.stringify(text));
  }
});

Deno.test("parseFrontMatter() takes any text", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => void parseFrontMatter(`---\n${text}\n---`)));
  const parts = fc.array(fc.constantFrom("a", ":", " ", "\n", '"', "'", "|", ">", "-", "[", "{", "#", "\\", "\t"));
  fc.assert(fc.property(parts, (text) => void parseFrontMatter(`---\n${text.join("")}\n---`)));
});
