import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { parsePatch, type PatchSection } from "../../../src/workspace/patch_parse.ts";
import { printPatch } from "../../support/print_patch.ts";

const wrap = (body: string): string => `*** Begin Patch\n${body}*** End Patch\n`;

Deno.test("parsePatch() reads every kind of section", () => {
  const rows: [string, PatchSection[]][] = [
    ["*** Add File: a.txt\n+one\n+\n+two\n", [{ kind: "add", path: "a.txt", content: "one\n\ntwo\n" }]],
    ["*** Add File: empty\n", [{ kind: "add", path: "empty", content: "" }]],
    ["*** Delete File: gone.txt\n", [{ kind: "delete", path: "gone.txt" }]],
    ["*** Update File: h\n*** Move to: m\n", [{ kind: "update", path: "h", movePath: "m", hunks: [] }]],
    [
      "*** Update File: h\n*** Move to: m\n@@ def f():\n a\n-b\n+c\n@@\n+end\n*** End of File\n",
      [{
        kind: "update",
        path: "h",
        movePath: "m",
        hunks: [
          {
            context: "def f():",
            lines: [{ op: " ", text: "a" }, { op: "-", text: "b" }, { op: "+", text: "c" }],
            atEndOfFile: false,
          },
          { context: null, lines: [{ op: "+", text: "end" }], atEndOfFile: true },
        ],
      }],
    ],
    // The first hunk may lack its header; an empty line is an empty line of context.
    [
      "*** Update File: h\n-a\n\n+b\n",
      [{
        kind: "update",
        path: "h",
        movePath: null,
        hunks: [{
          context: null,
          lines: [{ op: "-", text: "a" }, { op: " ", text: "" }, { op: "+", text: "b" }],
          atEndOfFile: false,
        }],
      }],
    ],
    ["  *** Add File: a b.txt  \r\n+x\r\n\r\n", [{ kind: "add", path: "a b.txt", content: "x\n" }]],
  ];
  for (const [body, sections] of rows) assert.deepEqual(parsePatch(wrap(body)), { sections }, body);
});

Deno.test("parsePatch() takes a heredoc off and ignores space around the patch", () => {
  const section = { kind: "add", path: "a", content: "x\n" };
  const patch = wrap("*** Add File: a\n+x\n");
  for (
    const text of [patch, `\n\n${patch}\n`, `<<'EOF'\n${patch}EOF\n`, `<<EOF\n${patch}EOF`, `<<"END"\n${patch}END`]
  ) {
    assert.deepEqual(parsePatch(text), { sections: [section] }, text);
  }
});

Deno.test("parsePatch() names the line and the reason", () => {
  const rows: [string, RegExp][] = [
    ["", /the first line is not "\*\*\* Begin Patch"/],
    ["*** Begin Patch\n", /the last line is not "\*\*\* End Patch"/],
    ["*** Begin Patch", /the last line/],
    [wrap(""), /changes no file/],
    [wrap("*** Foo: a\n"), /line 2: "\*\*\* Foo: a" does not start a file section/],
    [wrap("*** Add File: a\n+x\nbad\n"), /line 4: "bad"/],
    [wrap("*** Update File: h\n"), /line 2: the update of "h" has no hunk/],
    [wrap("*** Update File: h\n@@\n*bad\n"), /line 4: a line of a hunk for "h" must start with .*"\*bad"/],
    [wrap("*** Update File: h\n@@\n"), /line 3: a hunk for "h" has no lines/],
    [wrap("*** Update File: h\n@@\n-a\nno\n"), /line 5: a hunk for "h" must start with "@@": "no"/],
    [wrap("*** Update File: h\n@@\n*** End of File\n"), /must start with/],
  ];
  for (const [text, message] of rows) {
    assert.throws(() => parsePatch(text), (error) => {
      assert.ok(error instanceof CodexError);
      assert.equal(error.code, "PATCH_INVALID");
      assert.match(error.message, message, text);
      return true;
    });
  }
});

Deno.test("parsePatch() reads what is printed as the same patch", () => {
  const text = wrap("*** Add File: a\n+x\n*** Update File: h\n*** Move to: m\n@@ f\n-a\n+b\n*** End of File\n");
  assert.equal(printPatch(parsePatch(text)), text);
});
