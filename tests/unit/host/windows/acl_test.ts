import assert from "node:assert/strict";
import { type AnyEntry, decodeAcl, encodeAcl } from "../../../../src/host/windows/acl.ts";
import { decodeSid, encodeSid, sidBytes } from "../../../../src/host/windows/sid.ts";

Deno.test("encodeSid() and decodeSid() agree", () => {
  const rows = ["S-1-1-0", "S-1-5-32-544", "S-1-5-21-4294967295-0-1-2", "S-1-5-18", "S-1-16-12288"];
  for (const text of rows) assert.equal(decodeSid(encodeSid(text)), text);
  assert.deepEqual([...encodeSid("S-1-5-32-544")], [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0]);
});

Deno.test("encodeSid() refuses what is none", () => {
  const parts = Array.from({ length: 16 }, () => "-1").join("");
  for (const text of ["", "S-1", "S-2-1-0", "S-1-5-x", "S-1-5-4294967296", `S-1-5${parts}`, "Everyone"]) {
    assert.throws(() => encodeSid(text), TypeError, text);
  }
  assert.throws(() => sidBytes(encodeSid("S-1-5-32-544").subarray(0, 12)), TypeError);
});

Deno.test("encodeAcl() and decodeAcl() agree, and keep entries of other kinds", () => {
  // An object ACE (type 5), as Active Directory writes them.
  const foreign = Uint8Array.of(5, 0, 20, 0, ...encodeSid("S-1-5-32-544"));
  const entries: AnyEntry[] = [
    { kind: "deny", flags: 3, mask: 0xd0156, sid: "S-1-5-21-1-2-3-4" },
    { kind: "allow", flags: 0x13, mask: 0xffff_ffff, sid: "S-1-1-0" },
    { kind: "other", flags: 0, bytes: foreign },
  ];
  assert.deepEqual(decodeAcl(encodeAcl(entries)), entries);
  assert.deepEqual(decodeAcl(encodeAcl([])), []);
});

Deno.test("decodeAcl() refuses bytes that are missing", () => {
  const bytes = encodeAcl([{ kind: "allow", flags: 0, mask: 1, sid: "S-1-1-0" }]);
  for (const length of [0, 4, 10, bytes.length - 1]) {
    assert.throws(() => decodeAcl(bytes.subarray(0, length)), TypeError, String(length));
  }
});

Deno.test("encodeAcl() refuses a list that is longer than a list may be", () => {
  const entries = Array.from({ length: 3300 }, () => ({ kind: "allow", flags: 0, mask: 1, sid: "S-1-1-0" } as const));
  assert.throws(() => encodeAcl(entries), RangeError);
});
