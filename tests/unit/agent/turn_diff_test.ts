import assert from "node:assert/strict";
import { TurnDiff } from "../../../src/agent/turn_diff.ts";
import type { PatchPlan, PlannedFile } from "../../../src/workspace/patch_apply.ts";

const bytes = (text: string | null): Uint8Array | null => text === null ? null : new TextEncoder().encode(text);

interface Change {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly movedTo?: string;
}

function plan(...changes: readonly Change[]): PatchPlan {
  const files = changes.map(({ path, before, after, movedTo }): PlannedFile => ({
    path,
    realPath: path,
    entryPath: path,
    before: bytes(before),
    after: bytes(after),
    movedTo: movedTo ?? null,
  }));
  return { files, changes: [], summary: { added: [], modified: [], deleted: [] } };
}

async function headers(...plans: readonly PatchPlan[]): Promise<string[]> {
  // No work tree above: paths are shown relative to this folder.
  const diff = new TurnDiff("/codex-no-such-folder");
  for (const each of plans) diff.add(each);
  return (await diff.text()).split("\n").filter((line) => /^(diff|new|deleted|[-+][^-+])/.test(line));
}

const P = "/codex-no-such-folder";

Deno.test("TurnDiff follows a file over several patches from where the turn found it", async () => {
  assert.deepEqual(
    await headers(
      plan({ path: `${P}/a`, before: "1\n", after: "2\n" }),
      plan({ path: `${P}/a`, before: "2\n", after: "3\n" }),
    ),
    ["diff --git a/a b/a", "-1", "+3"],
  );
});

Deno.test("TurnDiff forgets a file that came and went", async () => {
  assert.deepEqual(
    await headers(
      plan({ path: `${P}/a`, before: null, after: "x\n" }),
      plan({ path: `${P}/a`, before: "x\n", after: null }),
    ),
    [],
  );
});

Deno.test("TurnDiff shows a moved and changed file under both names", async () => {
  assert.deepEqual(
    await headers(plan(
      { path: `${P}/a`, before: "1\n", after: null, movedTo: `${P}/b` },
      { path: `${P}/b`, before: null, after: "2\n" },
    )),
    ["diff --git a/a b/b", "-1", "+2"],
  );
});

Deno.test("TurnDiff shows a move onto another file as one gone and one changed", async () => {
  assert.deepEqual(
    await headers(plan(
      { path: `${P}/a`, before: "1\n", after: null, movedTo: `${P}/b` },
      { path: `${P}/b`, before: "old\n", after: "1\n" },
    )),
    ["diff --git a/a b/a", "deleted file mode 100644", "-1", "diff --git a/b b/b", "-old", "+1"],
  );
});
