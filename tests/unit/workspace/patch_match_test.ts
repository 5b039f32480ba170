import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { applyHunks } from "../../../src/workspace/patch_match.ts";
import { parsePatch } from "../../../src/workspace/patch_parse.ts";

function apply(text: string, hunks: string): string {
  const [section] = parsePatch(`*** Begin Patch\n*** Update File: f\n${hunks}\n*** End Patch`).sections;
  assert.equal(section?.kind, "update");
  return applyHunks(text, section.hunks, "/w/f");
}

Deno.test("applyHunks() finds lines as strictly as it can", () => {
  const rows: [title: string, text: string, hunks: string, want: string][] = [
    ["exact", "a\nb\nc\n", "@@\n-b\n+B", "a\nB\nc\n"],
    ["trailing space", "a\nb  \nc\n", "@@\n a\n-b\n+B", "a\nB\nc\n"],
    ["exact wins over loose", "b \nb\n", "@@\n-b\n+B", "b \nB\n"],
    ["indentation; context keeps the file's spelling", "  a\n\tb\n", "@@\n a\n-b\n+B", "  a\nB\n"],
    ["typographic marks", "say \u201Chi\u201D \u2013 ok\u00A0now\n", '@@\n-say "hi" - ok now\n+x', "x\n"],
    ["context line moves the start", "x\nf1\nx\nf2\nx\n", "@@ f2\n-x\n+y", "x\nf1\nx\nf2\ny\n"],
    ["hunks go forward", "a\na\na\n", "@@\n-a\n+b\n@@\n-a\n+c", "b\nc\na\n"],
    ["end of file picks the last", "x\ny\nx\n", "@@\n-x\n+z\n*** End of File", "x\ny\nz\n"],
    ["the named line may be in a hunk at the end of the file", "x\ny\n", "@@ y\n y\n+z\n*** End of File", "x\ny\nz\n"],
    ["only additions go to the end", "a\nb\n", "@@\n+c", "a\nb\nc\n"],
    ["only additions after the named line", "a\nb\n", "@@ a\n+c", "a\nc\nb\n"],
    ["an addition at the end, then an earlier hunk", "a\nb\n", "@@\n+c\n@@\n-a\n+A", "A\nb\nc\n"],
    ["a trailing blank line of the patch", "a\nb\n", "@@\n-b\n+B\n\n", "a\nB\n"],
    ["no newline at the end gains one", "a\nb", "@@\n-b\n+B", "a\nB\n"],
    ["into an empty file", "", "@@\n+a", "a\n"],
    ["everything removed", "a\n", "@@\n-a", ""],
    ["CRLF is kept", "a\r\nb\r\n", "@@\n a\n-b\n+B\n+C", "a\r\nB\r\nC\r\n"],
  ];
  for (const [title, text, hunks, want] of rows) assert.equal(apply(text, hunks), want, title);
});

Deno.test("applyHunks() says which hunk of which file is not found", () => {
  const rows: [text: string, hunks: string, message: RegExp][] = [
    ["a\n", "@@\n-nope\n+x", /^Cannot apply hunk 1 of 1 to \/w\/f: these lines are not there after line 0:\nnope$/],
    ["a\nb\n", "@@\n-a\n+x\n@@\n-a\n+y", /^Cannot apply hunk 2 of 2 to \/w\/f: .* after line 1:\na$/],
    ["a\n", "@@ zzz\n-a\n+x", /^Cannot apply hunk 1 of 1 to \/w\/f: no line after line 0 reads "zzz"$/],
    ["a\nb\n", "@@\n-a\n+x\n*** End of File", /at the end of the file:\na$/],
  ];
  for (const [text, hunks, message] of rows) {
    assert.throws(() => apply(text, hunks), (error) => {
      assert.ok(error instanceof CodexError && error.code === "PATCH_INVALID");
      assert.match(error.message, message);
      return true;
    });
  }
});
