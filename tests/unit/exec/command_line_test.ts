import { deepEqual, equal } from "node:assert/strict";
import { joinCommand, quoteWord, shellCommand, shellScript } from "../../../src/exec/command_line.ts";

const QUOTED: readonly (readonly [string, string])[] = [
  ["", "''"],
  ["ls", "ls"],
  ["a/b-c_d.e:f+g@h]", "a/b-c_d.e:f+g@h]"],
  ["cat hello.txt", "'cat hello.txt'"],
  ["a=b", "'a=b'"],
  ["a,b", "'a,b'"],
  ["a%b", "'a%b'"],
  ["~/x", "'~/x'"],
  ["*.ts", "'*.ts'"],
  ["ü", "'ü'"],
  ["cat 'a b.txt'", `"cat 'a b.txt'"`],
  [`echo "it's"`, String.raw`"echo \"it's\""`],
  [`echo 'a\\b'`, String.raw`"echo 'a\\b'"`],
  ["cat 'a$b'", `"cat 'a"'$b'"'"`],
  ["awk -F: '{print $1}' a", `"awk -F: '{print "'$1}'"' a"`],
  ["cat a\\!b", String.raw`"cat a\\"'!b'`],
  ["a^b", "a'^b'"],
  ["cat a^b", "'cat a''^b'"],
  ["a\nb", "'a\nb'"],
];

for (const [word, expected] of QUOTED) {
  Deno.test(`quoteWord() ${JSON.stringify(word)}`, () => equal(quoteWord(word), expected));
}

Deno.test("quoteWord() is read back by a shell", async () => {
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", `printf '%s\\0' ${QUOTED.map(([word]) => quoteWord(word)).join(" ")}`],
  }).output();
  deepEqual(new TextDecoder().decode(stdout).split("\0").slice(0, -1), QUOTED.map(([word]) => word));
});

Deno.test("joinCommand() is the wire's form", () => {
  equal(joinCommand(["/bin/bash", "-lc", "touch a && echo b"]), "/bin/bash -lc 'touch a && echo b'");
});

Deno.test("shellCommand() takes the named shell, else the user's own, else bash", () => {
  const request = { cmd: "ls", shell: null, login: true, environment: {} };
  deepEqual(shellCommand(request), ["/bin/bash", "-lc", "ls"]);
  deepEqual(shellCommand({ ...request, login: false }), ["/bin/bash", "-c", "ls"]);
  deepEqual(shellCommand({ ...request, environment: { SHELL: "/usr/bin/zsh" } }), ["/usr/bin/zsh", "-lc", "ls"]);
  deepEqual(shellCommand({ ...request, environment: { SHELL: "/usr/bin/fish" } }), ["/bin/bash", "-lc", "ls"]);
  deepEqual(shellCommand({ ...request, shell: "/bin/sh" }), ["/bin/sh", "-lc", "ls"]);
});

const SCRIPTS: readonly (readonly [readonly string[], string | null])[] = [
  [["/bin/bash", "-lc", "ls"], "ls"],
  [["sh", "-c", "ls"], "ls"],
  [["bash", "-x", "ls"], null],
  [["bash", "-c", "ls", "name"], null],
  [["python3", "-c", "ls"], null],
  [["ls"], null],
  [[], null],
];

for (const [argv, expected] of SCRIPTS) {
  Deno.test(`shellScript() of ${JSON.stringify(argv)}`, () => equal(shellScript(argv), expected));
}
