// Bounded fuzzing of the patch parser: any text parses or is refused with one kind of error; what parses prints and
// parses to the same value; a patch made from two texts turns the one into the other.
import assert from "node:assert/strict";
import { structuredPatch } from "diff";
import fc from "fast-check";
import { CodexError } from "../../src/base/errors.ts";
import { applyHunks } from "../../src/workspace/patch_match.ts";
import { findApplyPatchCommand } from "../../src/workspace/patch_command.ts";
import { parsePatch, type PatchHunk } from "../../src/workspace/patch_parse.ts";
import { printPatch } from "../support/print_patch.ts";
import { unifiedHunks } from "../../src/workspace/unified_diff.ts";

const RUNS = { numRuns: 300 };
const SEEDS = new URL("./seeds/patch/", import.meta.url);

function parsesOrRefuses(text: string): void {
  try {
    const patch = parsePatch(text);
    assert.deepEqual(parsePatch(printPatch(patch)), patch);
  } catch (error) {
    if (!(error instanceof CodexError)) throw error;
    assert.equal(error.code, "PATCH_INVALID");
  }
  findApplyPatchCommand(text);
}

const fragment = fc.oneof(
  fc.constantFrom(
    "*** Begin Patch",
    "*** End Patch",
    "*** Add File: a.txt",
    "*** Delete File: b",
    "*** Update File: c d",
    "*** Move to: e",
    "*** End of File",
    "@@",
    "@@ ctx",
    "<<'EOF'",
    "EOF",
    "+x",
    "-x",
    " x",
    "",
    "\r",
  ),
  fc.string({ maxLength: 12 }),
);

Deno.test("parsePatch() survives its seeds, cut and glued in any way", async () => {
  for await (const entry of Deno.readDir(SEEDS)) {
    const text = await Deno.readTextFile(new URL(entry.name, SEEDS));
    parsesOrRefuses(text);
    for (let cut = 0; cut < text.length; cut += 7) parsesOrRefuses(text.slice(0, cut) + text.slice(cut + 3));
  }
});

Deno.test("parsePatch() parses or refuses any text", () => {
  fc.assert(fc.property(fc.array(fragment, { maxLength: 14 }), (lines) => parsesOrRefuses(lines.join("\n"))), RUNS);
  const body = fc.array(fragment, { maxLength: 12 });
  fc.assert(
    fc.property(body, (lines) => parsesOrRefuses(["*** Begin Patch", ...lines, "*** End Patch"].join("\n"))),
    RUNS,
  );
});

const textLine = fc.oneof({ weight: 4, arbitrary: fc.constantFrom("a", "b", "c", "", "  a", "d ") }, {
  weight: 1,
  arbitrary: fc.string({ maxLength: 6 }).map((line) => line.replace(/[\r\n]/g, "")),
});
const fileText = fc.array(textLine, { maxLength: 12 }).map((lines) => lines.map((line) => `${line}\n`).join(""));

/** Hunks with all of the file as context, so that each has one place only. */
function hunksBetween(before: string, after: string): PatchHunk[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: 1_000 });
  return hunks.map((hunk) => ({
    context: null,
    atEndOfFile: true,
    lines: hunk.lines.map((line) => ({ op: line.charAt(0) as " " | "+" | "-", text: line.slice(1) })),
  }));
}

Deno.test("applyHunks() undoes what a diff took apart", () => {
  fc.assert(
    fc.property(fileText, fileText, (before, after) => {
      assert.equal(applyHunks(before, hunksBetween(before, after), "/f"), after);
    }),
    RUNS,
  );
});

Deno.test("unifiedHunks() has spans that add up", () => {
  fc.assert(
    fc.property(fileText, fileText, fc.nat(3), (before, after, context) => {
      let shift = 0;
      for (const hunk of unifiedHunks(before, after, context).split(/^(?=@@ )/m).filter((text) => text !== "")) {
        const [, oldStart = "", oldCount = "1", newStart = "", newCount = "1"] =
          /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n/.exec(hunk) ?? [];
        const lines = hunk.split("\n").slice(1, -1);
        assert.equal(lines.filter((line) => line.startsWith("-") || line.startsWith(" ")).length, Number(oldCount));
        assert.equal(lines.filter((line) => line.startsWith("+") || line.startsWith(" ")).length, Number(newCount));
        const first = (start: string, count: string): number => Number(start) + (count === "0" ? 1 : 0);
        assert.equal(first(newStart, newCount) - first(oldStart, oldCount), shift);
        shift += Number(newCount) - Number(oldCount);
      }
    }),
    RUNS,
  );
});
