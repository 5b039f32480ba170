import assert from "node:assert/strict";
import { decodeOsBytes, encodeOsString } from "../../../src/base/os_string.ts";

const rows: [name: string, bytes: number[], text: string][] = [
  ["nothing", [], ""],
  ["ASCII", [0x61, 0x62], "ab"],
  ["UTF-8", [0xc3, 0xa4, 0xf0, 0x9f, 0x98, 0x80], "ä😀"],
  ["a byte of no character", [0x61, 0xff, 0x62], "a\udcffb"],
  ["half a character", [0xc3], "\udcc3"],
  ["a character after half of one", [0xc3, 0xc3, 0xa4], "\udcc3ä"],
  ["a surrogate as bytes", [0xed, 0xb3, 0xbf], "\udced\udcb3\udcbf"],
  ["a byte order mark", [0xef, 0xbb, 0xbf, 0x61], "\ufeffa"],
];
for (const [name, bytes, text] of rows) {
  Deno.test(`decodeOsBytes() and encodeOsString() keep ${name}`, () => {
    assert.equal(decodeOsBytes(Uint8Array.from(bytes)), text);
    assert.deepEqual([...encodeOsString(text)], bytes);
  });
}

Deno.test("decodeOsBytes() loses none of 1,000 random texts", () => {
  for (let round = 0; round < 1000; round++) {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    assert.deepEqual([...encodeOsString(decodeOsBytes(bytes))], [...bytes]);
  }
});
