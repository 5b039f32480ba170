import assert from "node:assert/strict";
import { worldWritableText } from "../../../src/client/world_writable_text.ts";

Deno.test("worldWritableText() names the folders, how many more, and whether all was seen", () => {
  const rows = [
    [["C:\\a"], 0, false, /everybody may:\nC:\\a$/],
    [["C:\\a", "C:\\b"], 4, false, /C:\\a\nC:\\b\nand 4 more$/],
    [["C:\\a"], 0, true, /There may be others: not everything could be looked at$/],
    [[], 0, true, /^Cannot tell whether/],
  ] as const;
  for (const [samplePaths, extraCount, failedScan, want] of rows) {
    assert.match(worldWritableText({ samplePaths: [...samplePaths], extraCount, failedScan }), want);
  }
});
