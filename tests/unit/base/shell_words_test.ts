import assert from "node:assert/strict";
import fc from "fast-check";
import { joinShellWords, splitShellWords } from "../../../src/base/shell_words.ts";

Deno.test("joinShellWords() quotes as recorded commands do", () => {
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
    ["cat hello.txt", "'cat hello.txt'"],
    ["~/x", "'~/x'"],
    ["*.ts", "'*.ts'"],
    ["ü", "'ü'"],
    ["cat 'a b.txt'", `"cat 'a b.txt'"`],
    [`echo "it's"`, String.raw`"echo \"it's\""`],
    [`echo 'a\\b'`, String.raw`"echo 'a\\b'"`],
    ["cat 'a$b'", `"cat 'a"'$b'"'"`],
    ["awk -F: '{print $1}' a", `"awk -F: '{print "'$1}'"' a"`],
    ["cat a\\!b", String.raw`"cat a\\"'!b'`],
    ["cat a^b", "'cat a''^b'"],
  ] as const;
  for (const [word, want] of rows) assert.equal(joinShellWords([word]), want, word);
  assert.equal(
    joinShellWords(["/bin/bash", "-lc", "python3 -c 'print(1)' > /opt/py"]),
    `/bin/bash -lc "python3 -c 'print(1)' > /opt/py"`,
  );
});

Deno.test("joinShellWords() is read back by a shell", async () => {
  const words = ["", "a b", "it's", `echo "it's"`, "cat 'a$b'", "cat a\\!b", "cat a^b", "`x`'y", "a\nb", "ü"];
  const script = `printf '%s\\0' ${joinShellWords(words)}`;
  const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", script] }).output();
  assert.deepEqual(new TextDecoder().decode(stdout).split("\0").slice(0, -1), words);
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
