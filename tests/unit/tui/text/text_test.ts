// What text becomes on its way to the screen: cleaned, unwrapped, measured, coloured, laid out.
import { visibleWidth } from "@earendil-works/pi-tui";
import fc from "fast-check";
import assert from "node:assert/strict";
import { cleanLine, cleanOutput, cleanText } from "../../../../src/tui/text/clean.ts";
import { parseFileDiff } from "../../../../src/tui/text/diff_rows.ts";
import { highlightCode } from "../../../../src/tui/text/highlight.ts";
import { createRedrawFilter } from "../../../../src/tui/text/inline_output.ts";
import { renderMarkdown } from "../../../../src/tui/text/markdown.ts";
import { fitColumns } from "../../../../src/tui/text/markdown_table.ts";
import { createMarkdownStream } from "../../../../src/tui/text/markdown_stream.ts";
import { homePath, shortPath } from "../../../../src/tui/text/paths.ts";
import { unwrapCommand } from "../../../../src/tui/text/shell_command.ts";
import { colourTheme } from "../../../../src/tui/theme.ts";
import { bareTheme } from "../../../support/bare_theme.ts";

const dirty: readonly (readonly [string, string])[] = [
  ["plain", "plain"],
  ["a\tb", "a    b"],
  ["a\r\nb", "a\nb"],
  ["\x1b[31mred\x1b[0m", "red"],
  ["\x1b]0;title\x07x", "x"],
  ["\x1b[2J\x1b[Hx", "x"],
  ["a\x00\x07\x7fb\x9b", "ab"],
  ["abc\u202edcba", "abcdcba"],
  ["é 漢 👍", "é 漢 👍"],
];

for (const [text, clean] of dirty) {
  Deno.test(`cleanText(${JSON.stringify(text)})`, () => assert.equal(cleanText(text), clean));
}

Deno.test("cleanText() lets no control character through", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(cleanText(text), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  }));
});

Deno.test("cleanOutput() shows what a carriage return left on its line", () => {
  assert.equal(cleanOutput("10%\r50%\r100%\ndone\r\n"), "100%\ndone\n");
});

Deno.test("cleanLine() is one line", () => assert.equal(cleanLine("a\nb"), "a b"));

const commands: readonly (readonly [string, string])[] = [
  ["/bin/bash -lc 'touch /opt/x'", "touch /opt/x"],
  ["bash -c ls", "ls"],
  ['/bin/zsh -lc "echo \\"hi\\""', 'echo "hi"'],
  ["/bin/bash -lc 'echo '\\''quoted'\\'''", "echo 'quoted'"],
  [
    `/bin/bash -lc 'a
b'`,
    "a\nb",
  ],
  ["/bin/bash -lc ls -la", "/bin/bash -lc ls -la"],
  ["/bin/bash -lc 'open", "/bin/bash -lc 'open"],
  ["git status", "git status"],
];

for (const [command, typed] of commands) {
  Deno.test(`unwrapCommand(${JSON.stringify(command)})`, () => assert.equal(unwrapCommand(command), typed));
}

Deno.test("shortPath() and homePath() shorten what lies below", () => {
  assert.deepEqual(
    [
      shortPath("/w/a/b", "/w"),
      shortPath("/w", "/w"),
      shortPath("/wide", "/w"),
      shortPath("rel", "/w"),
      shortPath("/x", null),
    ],
    ["a/b", ".", "/wide", "rel", "/x"],
  );
  assert.deepEqual(
    [
      homePath("/home/u/x", "/home/u"),
      homePath("/home/u", "/home/u"),
      homePath("/home/user2", "/home/u"),
      homePath("/x", null),
    ],
    ["~/x", "~", "/home/user2", "/x"],
  );
});

Deno.test("parseFileDiff() numbers rows, separates hunks and ignores what follows them", () => {
  const diff = "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n@@ -9 +9,2 @@\n x\n+y\n\n\nMoved to: /w/n";
  const { rows, added, removed } = parseFileDiff({ path: "/w/f", diff, kind: { type: "update", move_path: "/w/n" } });
  assert.deepEqual({ added, removed }, { added: 2, removed: 1 });
  assert.deepEqual(rows.map((row) => (row.kind === "gap" ? "⋮" : `${row.kind} ${row.line} ${row.text}`)), [
    "same 1 a",
    "removed 2 b",
    "added 2 B",
    "same 3 c",
    "⋮",
    "same 9 x",
    "added 10 y",
  ]);
});

Deno.test("highlightCode() keeps the text of every line and colours across lines", () => {
  const code = "/* one\n two */\nconst a = 1 < 2 && `x`;\n";
  const lines = highlightCode(code, "ts", colourTheme);
  // deno-lint-ignore no-control-regex
  assert.equal(lines.join("\n").replace(/\x1b\[[0-9;]*m/g, ""), code);
  assert.equal(lines[1], "\x1b[90m two */\x1b[39m");
  assert.deepEqual(highlightCode("x < y", "no-such-language", colourTheme), ["x < y"]);
});

const markdown: readonly { name: string; text: string; width: number; lines: readonly string[] }[] = [
  { name: "headings keep their marks", text: "# One\n\n### Three", width: 40, lines: ["# One", "", "### Three"] },
  {
    name: "lists nest by four and wrap under their text",
    text: "- one two three\n  - four\n\n1. x\n2. y",
    width: 10,
    lines: ["- one two", "  three", "    - four", "", "1. x", "2. y"],
  },
  { name: "tasks keep their boxes", text: "- [ ] a\n- [x] b", width: 20, lines: ["- [ ] a", "- [x] b"] },
  {
    name: "code is indented and has no fences",
    text: "```sh\nls\n\npwd\n```",
    width: 20,
    lines: ["  ls", "", "  pwd"],
  },
  { name: "quotes keep their mark", text: "> a\n> b", width: 20, lines: ["> a", "> b"] },
  { name: "links show where they lead", text: "[a](http://b) http://c", width: 40, lines: ["a (http://b) http://c"] },
  { name: "a rule", text: "a\n\n---\n\nb", width: 40, lines: ["a", "", "———", "", "b"] },
  {
    name: "tables are aligned",
    text: "| Name | Size |\n|---|---:|\n| a | 1 |\n| long name | 1000 |",
    width: 40,
    lines: ["Name       Size", "─────────  ────", "a             1", "long name  1000"],
  },
  {
    name: "a table that cannot fit becomes a list",
    text: "| Alpha | Beta | Gamma |\n|---|---|---|\n| one one | two two | three three |",
    width: 14,
    lines: ["Alpha: one one", "Beta: two two", "Gamma: three", "three"],
  },
  { name: "HTML stays as it is", text: "<b>x</b> & &lt;y&gt;", width: 40, lines: ["<b>x</b> & <y>"] },
];

for (const { name, text, width, lines } of markdown) {
  Deno.test(`renderMarkdown(): ${name}`, () => assert.deepEqual(renderMarkdown(text, width, bareTheme), lines));
}

Deno.test("fitColumns() takes from the widest column", () => {
  assert.deepEqual(fitColumns([4, 40, 10], 30), [4, 16, 10]);
  assert.deepEqual(fitColumns([4, 5], 30), [4, 5]);
  assert.equal(fitColumns([20, 20], 10), null);
});

const SAMPLE = [
  "# Title\n\nSome **bold** text\nover two lines.\n\n",
  ...Array.from({ length: 60 }, (_, at) => `- item ${at} with *words*\n`),
  "\nBetween.\n\n```ts\n",
  ...Array.from({ length: 120 }, (_, at) => `const v${at} = "text"; // c\n`),
  "```\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n",
  ...Array.from({ length: 90 }, (_, at) => `plain line ${at} of one paragraph\n`),
  "\n> quote\n\nThe end.",
].join("");

for (const size of [1, 7, 64, 1000]) {
  Deno.test(`a markdown stream in pieces of ${size} ends as the whole text is drawn, and never exceeds its width`, () => {
    const stream = createMarkdownStream({ theme: bareTheme, dress: (line) => line });
    let lines: readonly string[] = [];
    for (let end = size; end < SAMPLE.length + size; end += size) {
      lines = stream.render(SAMPLE.slice(0, end), 50);
      assert.ok(lines.every((line) => visibleWidth(line) <= 50));
    }
    assert.deepEqual(lines, renderMarkdown(SAMPLE, 50, bareTheme));
    assert.deepEqual(stream.render(SAMPLE, 30), renderMarkdown(SAMPLE, 30, bareTheme));
    assert.deepEqual(stream.render("Another text", 30), ["Another text"]);
  });
}

Deno.test("createRedrawFilter() keeps the scrollback and prints a full redraw from the line that is asked for", () => {
  const filter = createRedrawFilter((total) => total - 2);
  assert.equal(filter("\x1b[?2026hplain\x1b[?2026l"), "\x1b[?2026hplain\x1b[?2026l");
  assert.equal(filter("\x1b[3J"), "");
  const redraw = "\x1b[?2026h\x1b[2J\x1b[H\x1b[3Jone\r\ntwo\r\nthree\x1b[?2026l\x1b[1A";
  const kept = "\x1b[?2026h\x1b[H\x1b[2Ktwo\r\n\x1b[2Kthree\x1b[J\x1b[?2026l\x1b[1A";
  assert.equal(filter(redraw), kept);
  for (let cut = 30; cut < redraw.length; cut++) {
    assert.equal(filter(redraw.slice(0, cut)) + filter(redraw.slice(cut)), kept);
  }
});
