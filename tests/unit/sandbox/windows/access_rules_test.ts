import assert from "node:assert/strict";
import { type AclEntry, type AnyEntry, INHERITED } from "../../../../src/host/windows/acl.ts";
import {
  allowEntry,
  denyEntry,
  FILE_ALL,
  FILE_ANY_WRITE,
  FILE_MODIFY,
  isWorldWritable,
  withEntries,
  withoutSids,
} from "../../../../src/sandbox/windows/access_rules.ts";

const [CAP, USER, EVERYONE] = ["S-1-5-21-1-2-3-4", "S-1-5-21-7-7-7-1001", "S-1-1-0"];
const inherited = (entry: AclEntry): AclEntry => ({ ...entry, flags: entry.flags | INHERITED });
const own = inherited(allowEntry(USER, FILE_ALL));

Deno.test("the masks open no way around a list", () => {
  const DELETE_CHILD = 0x40;
  const WRITE_DAC = 0x40000;
  const WRITE_OWNER = 0x80000;
  assert.equal(FILE_MODIFY & (DELETE_CHILD | WRITE_DAC | WRITE_OWNER), 0);
  // All that FILE_MODIFY lets change is denied, and these three; reading, executing and waiting are not.
  assert.equal(FILE_ANY_WRITE, FILE_MODIFY & ~0x1200a9 | DELETE_CHILD | WRITE_DAC | WRITE_OWNER);
});

Deno.test("withEntries() adds what is missing, denials first, inherited last", () => {
  const foreign: AnyEntry = { kind: "other", flags: 0, bytes: Uint8Array.of(5, 0, 4, 0) };
  const list = [foreign, own];
  const wanted = [allowEntry(CAP, FILE_MODIFY), denyEntry(CAP, FILE_ANY_WRITE)];
  assert.deepEqual(withEntries(list, wanted), [wanted[1], foreign, wanted[0], own]);
});

Deno.test("withEntries() leaves a list alone that has what is wanted", () => {
  const there = [denyEntry(CAP, FILE_ALL), allowEntry(CAP, FILE_MODIFY), own];
  assert.equal(withEntries(there, [allowEntry(CAP, FILE_MODIFY), denyEntry(CAP, FILE_ANY_WRITE)]), null);
  assert.equal(withEntries([inherited(allowEntry(CAP, FILE_MODIFY))], [allowEntry(CAP, FILE_MODIFY)]), null);
  // For this folder only, or less than wanted: that is not it.
  for (const close of [{ ...allowEntry(CAP, FILE_MODIFY), flags: 0 }, allowEntry(CAP, 1)]) {
    assert.notEqual(withEntries([close], [allowEntry(CAP, FILE_MODIFY)]), null);
  }
});

Deno.test("withEntries() takes own denials away from what is opened now", () => {
  const list = [denyEntry(CAP, FILE_ANY_WRITE), denyEntry(USER, 1), inherited(denyEntry(CAP, 1)), own];
  assert.deepEqual(withEntries(list, [], [CAP]), list.slice(1));
  assert.equal(withEntries(list.slice(1), [], [CAP]), null);
});

Deno.test("withEntries() does not shut everybody out where there was no list", () => {
  assert.deepEqual(withEntries(null, [denyEntry(CAP, FILE_ANY_WRITE)]), [
    denyEntry(CAP, FILE_ANY_WRITE),
    allowEntry(EVERYONE, FILE_ALL),
  ]);
});

Deno.test("withoutSids() takes own entries away and no others", () => {
  const list = [denyEntry(CAP, 1), allowEntry(USER, 1), inherited(allowEntry(CAP, 1))];
  assert.deepEqual(withoutSids(list, [CAP]), list.slice(1));
  assert.equal(withoutSids(list.slice(1), [CAP]), null);
});

Deno.test("isWorldWritable() is decided by the first entry for everyone that is about writing", () => {
  const rows: readonly (readonly [readonly AnyEntry[] | null, boolean])[] = [
    [null, true],
    [[], false],
    [[allowEntry(EVERYONE, FILE_ALL)], true],
    [[allowEntry(EVERYONE, 0x1200a9)], false],
    [[denyEntry(EVERYONE, 2), allowEntry(EVERYONE, FILE_ALL)], false],
    [[allowEntry(USER, FILE_ALL)], false],
    [[allowEntry(EVERYONE, 0x1000_0000)], true],
  ];
  for (const [list, want] of rows) assert.equal(isWorldWritable(list), want);
});
