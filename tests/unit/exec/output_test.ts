import { equal } from "node:assert/strict";
import fc from "fast-check";
import { HeadTailText, OutputDecoder } from "../../../src/exec/output.ts";

function kept(maxChars: number, chunks: readonly string[]): string {
  const text = new HeadTailText(maxChars);
  for (const chunk of chunks) text.append(chunk);
  return text.toString();
}

const ROWS: readonly (readonly [string, number, readonly string[], string])[] = [
  ["nothing", 4, [], ""],
  ["all of a short text", 4, ["ab", "cd"], "abcd"],
  ["head and tail of one chunk", 4, ["abcdefgh"], "ab\n[… 4 characters left out …]\ngh"],
  ["head and tail of many chunks", 4, [..."abcdefgh"], "ab\n[… 4 characters left out …]\ngh"],
  ["no half of a surrogate pair at the cut", 4, ["a😀bcd😀"], "a\n[… 5 characters left out …]\n😀"],
];

for (const [name, maxChars, chunks, expected] of ROWS) {
  Deno.test(`HeadTailText keeps ${name}`, () => equal(kept(maxChars, chunks), expected));
}

Deno.test("HeadTailText gives the same for every way to cut the input", () => {
  const alphabet = fc.string({ unit: "grapheme", maxLength: 40 });
  fc.assert(fc.property(fc.array(alphabet), fc.integer({ min: 2, max: 50 }), (chunks, maxChars) => {
    equal(kept(maxChars, chunks), kept(maxChars, [chunks.join("")]));
  }));
});

Deno.test("OutputDecoder gives the same text wherever the bytes are cut", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (text, seed) => {
    const bytes = new TextEncoder().encode(text);
    const cut = seed % (bytes.length + 1);
    const decoder = new OutputDecoder();
    equal(decoder.decode(bytes.subarray(0, cut)) + decoder.decode(bytes.subarray(cut)) + decoder.end(), text);
  }));
});

Deno.test("OutputDecoder replaces what is not UTF-8", () => {
  const decoder = new OutputDecoder();
  equal(decoder.decode(Uint8Array.of(0x61, 0xff, 0xe2, 0x82)) + decoder.end(), "a\uFFFD\uFFFD");
});
