import assert from "node:assert/strict";
import { RequestRejected } from "../../../src/server/error_map.ts";
import { checkThreadId } from "../../../src/server/thread_id.ts";

const ID = "01a20581-32b6-7ed2-acde-2492829cd8ee";
const SIMPLE = ID.replaceAll("-", "");

Deno.test("checkThreadId() reads every spelling of a UUID as the plain one", () => {
  for (const text of [ID, ID.toUpperCase(), SIMPLE, SIMPLE.toUpperCase(), `{${ID}}`, `urn:uuid:${ID}`]) {
    assert.equal(checkThreadId(text), ID, text);
  }
});

Deno.test("checkThreadId() refuses anything else in the recorded words", () => {
  const character = "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found";
  const rows: [string, string][] = [
    ["", "invalid length: expected length 32 for simple format, found 0"],
    ["0".repeat(31), "invalid length: expected length 32 for simple format, found 31"],
    ["x", `${character} \`x\` at 1`],
    [`URN:UUID:${ID}`, `${character} \`U\` at 1`],
    [`{${ID}`, `${character} \`{\` at 1`],
    [`${ID}}`, `${character} \`}\` at 37`],
    ["urn:uuid:x", `${character} \`x\` at 10`],
    ["{x}", `${character} \`x\` at 2`],
    ["{}", "invalid group count: expected 5, found 1"],
    ["urn:uuid:", "invalid group count: expected 5, found 1"],
    [`{${SIMPLE}}`, "invalid group count: expected 5, found 1"],
    [`urn:uuid:${SIMPLE}`, "invalid group count: expected 5, found 1"],
    ["urn:uuid:0-0", "invalid group count: expected 5, found 2"],
    [`${ID.slice(0, 35)}-`, "invalid group count: expected 5, found 6"],
    [ID.slice(0, 35), "invalid group length in group 4: expected 12, found 11"],
    [`{${ID.slice(0, 35)}}`, "invalid group length in group 4: expected 12, found 13"],
    ["{0-0-0-0-0}", "invalid group length in group 0: expected 8, found 1"],
  ];
  for (const [text, reason] of rows) {
    assert.throws(
      () => checkThreadId(text),
      (error) => error instanceof RequestRejected && error.body.message === `invalid thread id: ${reason}`,
      text,
    );
  }
});
