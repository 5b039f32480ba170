import assert from "node:assert/strict";
import fc from "fast-check";
import { CodexError } from "../../../../src/base/errors.ts";
import {
  commandLineOf,
  environmentBlock,
  quoteWord,
  shellAwareCommandLine,
} from "../../../../src/host/windows/command_line.ts";

/** The rules of CommandLineToArgvW for all words but the first. */
function splitWords(line: string): string[] {
  const words: string[] = [];
  let word = "";
  let [isQuoted, hasWord] = [false, false];
  for (let at = 0; at < line.length;) {
    const slashes = /^\\*/.exec(line.slice(at))?.[0].length ?? 0;
    if (slashes > 0) {
      hasWord = true;
      at += slashes;
      if (line[at] !== '"') {
        word += "\\".repeat(slashes);
        continue;
      }
      word += "\\".repeat(slashes >> 1);
      if (slashes % 2 === 1) {
        word += '"';
        at++;
      }
      continue;
    }
    const char = line[at++] ?? "";
    if (char === '"') [isQuoted, hasWord] = [!isQuoted, true];
    else if (/[ \t]/.test(char) && !isQuoted) {
      if (hasWord) words.push(word);
      [word, hasWord] = ["", false];
    } else [word, hasWord] = [word + char, true];
  }
  return hasWord ? [...words, word] : words;
}

Deno.test("quoteWord() follows the rules of CommandLineToArgvW", () => {
  const rows = [
    ["plain", "plain"],
    ["", '""'],
    ["a b", '"a b"'],
    ['say "hi"', '"say \\"hi\\""'],
    ["C:\\dir\\", "C:\\dir\\"],
    ["C:\\my dir\\", '"C:\\my dir\\\\"'],
    ['\\"', '"\\\\\\""'],
    ["a\tb", '"a\tb"'],
  ] as const;
  for (const [word, want] of rows) assert.equal(quoteWord(word), want);
});

Deno.test("any words survive the way there and back", () => {
  const word = fc.string({ unit: fc.constantFrom("a", " ", '"', "\\", "\t", "é", "%"), maxLength: 12 });
  fc.assert(fc.property(fc.array(word, { maxLength: 6 }), (words) => {
    const line = commandLineOf(["prog.exe", ...words]);
    assert.deepEqual(splitWords(line.slice("prog.exe".length)), words);
  }));
});

Deno.test("commandLineOf() refuses what Windows cannot take", () => {
  for (const argv of [["a\0b"], [""], ['a"b.exe'], ["x", "y".repeat(40_000)]]) {
    assert.throws(() => commandLineOf(argv), CodexError, JSON.stringify(argv[0]));
  }
  assert.equal(commandLineOf(["C:\\Program Files\\x.exe", "a"]), '"C:\\Program Files\\x.exe" a');
});

Deno.test("shellAwareCommandLine() leaves a typed line to cmd, and quotes words", () => {
  const rows = [
    [["cmd", "/c", 'echo "a  b" & exit 7'], 'cmd /s /c "echo "a  b" & exit 7"'],
    [["cmd.exe", "/d", "/s", "/c", "dir"], 'cmd.exe /d /s /c "dir"'],
    [
      ["C:\\Windows\\System32\\cmd.exe", "/c", "type", "C:\\my dir\\x"],
      'C:\\Windows\\System32\\cmd.exe /s /c "type "C:\\my dir\\x""',
    ],
    [["git", "/c", "a b"], 'git /c "a b"'],
    [["cmd", "x", "/c", "a b"], 'cmd x /c "a b"'],
  ] as const;
  for (const [argv, want] of rows) assert.equal(shellAwareCommandLine(argv), want);
});

Deno.test("environmentBlock() is sorted without case and ends with two zeros", () => {
  const text = new TextDecoder("utf-16le").decode(environmentBlock({ b: "2", A: "1", "": "x", bad: "a\0b" }));
  assert.equal(text, "A=1\0b=2\0\0");
  assert.equal(environmentBlock({}).length, 4);
});
