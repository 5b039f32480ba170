// A patch as text, for tests that read it back.
import type { Patch, PatchHunk, PatchSection } from "../../src/workspace/patch_parse.ts";

/** The patch as text; `parsePatch` reads it back as the same value. */
export function printPatch(patch: Patch): string {
  return ["*** Begin Patch", ...patch.sections.flatMap(printSection), "*** End Patch", ""].join("\n");
}

function printSection(section: PatchSection): string[] {
  switch (section.kind) {
    case "add":
      return [`*** Add File: ${section.path}`, ...section.content.split("\n").slice(0, -1).map((line) => `+${line}`)];
    case "delete":
      return [`*** Delete File: ${section.path}`];
    case "update":
      return [
        `*** Update File: ${section.path}`,
        ...(section.movePath === null ? [] : [`*** Move to: ${section.movePath}`]),
        ...section.hunks.flatMap(printHunk),
      ];
  }
}

function printHunk(hunk: PatchHunk): string[] {
  return [
    hunk.context === null ? "@@" : `@@ ${hunk.context}`,
    ...hunk.lines.map((line) => line.op + line.text),
    ...(hunk.atEndOfFile ? ["*** End of File"] : []),
  ];
}
