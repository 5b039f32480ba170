import assert from "node:assert/strict";
import fc from "fast-check";
import { joinShellWords, quoteShellWord, splitShellWords } from "../../../src/base/shell_words.ts";

Deno.test("quoteShellWord() quotes as recorded commands do", () => {
  const rows = [
    ["ls", "ls"],
    ["", "''"],
    ["echo x", "'echo x'"],
    ["echo it's", `"echo it's"`],
    [`a'b"c`, `"a'b\\"c"`],
    ["a'$x", `"a'"'$x'`],
    ["!x'y", `'!x'"'y"`],
    ["a\\b", `"a\\\\b"`],
    ["`x`'y", "'`x`'\"'y\""],
    ["^", "'^'"],
    ["a^b'c", `a'^b'"'c"`],
    ["x%y", "'x%y'"],
    ["a:b@c,d+e./_-", "'a:b@c,d+e./_-'"],
    ["a:b@c+e./_-]", "a:b@c+e./_-]"],
    ["a=b", "'a=b'"],
    ["\n", "'\n'"],
  ] as const;
  for (const [word, want] of rows) assert.equal(quoteShellWord(word), want, word);
  assert.equal(
    joinShellWords(["/bin/bash", "-lc", "python3 -c 'print(1)' > /opt/py"]),
    `/bin/bash -lc "python3 -c 'print(1)' > /opt/py"`,
  );
});

Deno.test("splitShellWords() undoes quoting and reports what is left open", () => {
  const rows = [
    ["", []],
    ["  a  b ", ["a", "b"]],
    ["a'b c'd", ["ab cd"]],
    [`"a\\"b\\c"`, ['a"b\\c']],
    ["a\\ b", ["a b"]],
    ["''", [""]],
    ["'open", null],
    ['"open', null],
    ["open\\", null],
  ] as const;
  for (const [line, want] of rows) assert.deepEqual(splitShellWords(line), want, line);
});

Deno.test("splitShellWords() reads back what joinShellWords() wrote", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 5 }), (words) => {
    assert.deepEqual(splitShellWords(joinShellWords(words)), words);
  }));
});
