import assert from "node:assert/strict";
import type { AnyEntry } from "../../../../src/host/windows/acl.ts";
import { allowEntry, FILE_MODIFY, FILE_READ_EXECUTE } from "../../../../src/sandbox/windows/access_rules.ts";
import { type Disk, findWorldWritable } from "../../../../src/sandbox/windows/world_writable.ts";

const OPEN: readonly AnyEntry[] = [allowEntry("S-1-1-0", FILE_MODIFY)];
const SHUT: readonly AnyEntry[] = [allowEntry("S-1-1-0", FILE_READ_EXECUTE), allowEntry("S-1-5-32-545", FILE_MODIFY)];
const places = { cwd: "C:\\ws", environment: { Temp: "C:\\tmp", Path: "C:\\bin;relative;" }, writable: [] };

function disk(lists: Record<string, readonly AnyEntry[]>, msPerLook = 0): Disk & { looked: string[] } {
  let nowMs = 0;
  const looked: string[] = [];
  return {
    looked,
    listFolders(path): Promise<readonly string[]> {
      const prefix = path.endsWith("\\") ? path : `${path}\\`;
      const below = Object.keys(lists).filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
      return Promise.resolve(below.filter((name) => !name.includes("\\")));
    },
    readAccess(path): readonly AnyEntry[] {
      nowMs += msPerLook;
      looked.push(path);
      const list = lists[path];
      if (list === undefined) throw new Error("not there");
      return list;
    },
    nowMs: () => nowMs,
  };
}

Deno.test("findWorldWritable() finds what Everyone may write to, one level deep, and nothing open to Users alone", async () => {
  const found = await findWorldWritable(
    disk({
      "C:\\ws": SHUT,
      "C:\\ws\\open": OPEN,
      "C:\\ws\\shut": SHUT,
      "C:\\ws\\shut\\deep": OPEN,
      "C:\\bin": OPEN,
      "C:\\tmp": SHUT,
    }),
    places,
  );
  assert.deepEqual(found, { samplePaths: ["C:\\ws\\open", "C:\\bin"], extraCount: 0, failedScan: false });
});

Deno.test("findWorldWritable() says nothing where nothing is open, or only what commands may write to anyway", async () => {
  assert.equal(await findWorldWritable(disk({ "C:\\ws": SHUT }), places), null);
  assert.equal(await findWorldWritable(disk({ "C:\\ws": OPEN }), { ...places, writable: ["c:/WS"] }), null);
});

Deno.test("findWorldWritable() names three and counts the rest", async () => {
  const lists = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`C:\\ws\\${n}`, OPEN]));
  const found = await findWorldWritable(disk(lists), places);
  assert.deepEqual([found?.samplePaths.length, found?.extraCount], [3, 5]);
});

Deno.test("findWorldWritable() ends after two seconds and says that it did not see all", async () => {
  const lists = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`C:\\ws\\${n}`, SHUT]));
  const slow = disk(lists, 100);
  assert.deepEqual(await findWorldWritable(slow, places), { samplePaths: [], extraCount: 0, failedScan: true });
  assert.ok(slow.looked.length <= 22, String(slow.looked.length));
});
