// The reference's patch tool and ours on the same files: patches with exact and with loose context, made at random
// from a fixed seed, leave the same files, and what one refuses the other refuses.
import assert from "node:assert/strict";
import fc from "fast-check";
import { applyPlan, planPatch } from "../../src/workspace/patch_apply.ts";
import { parsePatch } from "../../src/workspace/patch_parse.ts";
import { run } from "../support/process.ts";
import { referenceNativeCommand } from "../support/reference.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A folder's files by name. */
async function snapshot(path: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const entry of Deno.readDir(path)) {
    if (entry.isFile) files[entry.name] = await Deno.readTextFile(`${path}/${entry.name}`);
  }
  return files;
}

async function fill(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
  await Deno.mkdir(path);
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${path}/${name}`, text);
}

async function ours(path: string, patch: string): Promise<string | null> {
  try {
    const outcome = await applyPlan(await planPatch(parsePatch(patch), { cwd: path }));
    return outcome.success ? outcome.stdout : null;
  } catch {
    return null;
  }
}

const FILES = {
  "a.txt": "one\ntwo\nthree\nfour\ntwo\nfive\n",
  "b.txt": "  indented\nspace  \n\nsay \u201Chi\u201D\nlast without newline",
  "empty.txt": "",
  "d.txt": "x\ny\nx\nx\ny\ny\nx\ny\n",
};

const ROWS = [
  "*** Update File: a.txt\n@@\n-two\n+2\n",
  "*** Update File: a.txt\n@@ four\n-two\n+2\n",
  "*** Update File: a.txt\n@@\n-two\n+2\n@@\n-two\n+zwei\n",
  "*** Update File: a.txt\n@@\n-five\n+5\n*** End of File\n",
  "*** Update File: a.txt\n@@\n-one\n+1\n*** End of File\n",
  "*** Update File: a.txt\n@@\n+six\n",
  "*** Update File: a.txt\n one\n-two\n three\n+3.5\n",
  "*** Update File: a.txt\n*** Move to: moved.txt\n@@\n-one\n+1\n",
  "*** Update File: b.txt\n@@\n-indented\n+x\n",
  '*** Update File: b.txt\n@@\n-say "hi"\n+x\n',
  "*** Update File: b.txt\n@@\n-last without newline\n+x\n",
  "*** Update File: b.txt\n@@\n-space\n\n+x\n",
  "*** Update File: empty.txt\n@@\n+x\n",
  "*** Update File: a.txt\n@@\n-five\n+5\n\n*** Add File: c.txt\n+c\n",
  "*** Add File: a.txt\n+over\n",
  "*** Add File: none.txt\n",
  "*** Delete File: a.txt\n*** Delete File: nope.txt\n",
  "*** Update File: nope.txt\n@@\n-x\n+y\n",
  "*** Update File: a.txt\n@@\n-nope\n+y\n",
  "*** Update File: a.txt\n@@ nope\n-one\n+y\n",
  "*** Update File: a.txt\n",
  "*** Nonsense: a.txt\n",
  "",
];

/** Few words, so that many hunks fit somewhere. */
const word = fc.constantFrom("x", "y");
const hunk = fc.record({
  header: fc.constantFrom("@@", "@@ x", "@@ y"),
  lines: fc.array(fc.tuple(fc.constantFrom("-", "+", " "), word), { minLength: 1, maxLength: 4 }),
})
  // Additions alone after a named line are a rule of our own.
  .filter((parts) => parts.header === "@@" || parts.lines.some(([op]) => op !== "+"))
  .map(({ header, lines }) => `${header}\n${lines.map(([op, text]) => `${op}${text}\n`).join("")}`);

/** Several hunks, or one at the end of the file: the reference lets such a one overlap the hunks before it. */
const hunks = fc.oneof(
  { weight: 4, arbitrary: fc.array(hunk, { minLength: 1, maxLength: 3 }).map((texts) => texts.join("")) },
  { weight: 1, arbitrary: hunk.map((text) => `${text}*** End of File\n`) },
);

Deno.test("our patch tool leaves the files that the reference's leaves", async () => {
  await using folder = await tempFolder();
  const tool = `${folder.path}/apply_patch`;
  await Deno.symlink((await referenceNativeCommand()).command, tool);
  const [left, right] = [`${folder.path}/reference`, `${folder.path}/ours`];
  const random = fc.sample(hunks, { seed: 20, numRuns: 150 }).map((text) => `*** Update File: d.txt\n${text}`);
  let applied = 0;
  for (const body of [...ROWS, ...random]) {
    const patch = `*** Begin Patch\n${body}*** End Patch\n`;
    await fill(left, FILES);
    await fill(right, FILES);
    const reference = await run({ command: tool, args: [patch] }, { cwd: left });
    const text = await ours(right, patch);
    assert.equal(text, reference.code === 0 ? reference.stdout : null, `${patch}\n${reference.stderr}`);
    if (text === null) assert.deepEqual(await snapshot(right), FILES, "a refused patch changes nothing");
    else assert.deepEqual(await snapshot(right), await snapshot(left), patch);
    if (text !== null) applied++;
  }
  assert.ok(applied > 50, `only ${applied} patches were applied`);
});
