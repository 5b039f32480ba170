import { deepEqual } from "node:assert/strict";
import { readAsset } from "../../../src/host/assets.ts";
import { createCommandInspector } from "../../../src/exec/command_inspection.ts";

const inspector = createCommandInspector(readAsset);

const SAFE = [
  "ls -la",
  "cat a | grep b | wc -l",
  "ls && pwd; echo done || true",
  "find . -name '*.ts'",
  "rg -n foo src",
  "git status",
  "git log --oneline -5",
  "git diff HEAD~1 -- a",
  "git branch --show-current",
  "sed -n 1,20p a",
  "/usr/bin/ls",
  "ls *.ts",
  "head -n 5 a",
];

const NOT_SAFE = [
  "touch a",
  "ls > a",
  "ls; touch a",
  "cat $(touch a)",
  "cat `touch a`",
  "cat <(touch a)",
  "X=1 ls",
  "./ls",
  "/tmp/ls",
  "find . -delete",
  "find . -exec rm {} +",
  "find . {-delete,-print}",
  "find . *",
  "rg --pre ./x foo",
  "rg -z foo",
  "git diff --output=a",
  "git diff --ext-diff",
  "git log --output a",
  "git -c core.pager=x status",
  "git branch new",
  "git branch -D old",
  "git push",
  "sed -i s/a/b/ a",
  "sed -n 1w/tmp/x a",
  "sed -n 1,5p -i a",
  "uniq a b",
  "base64 -o x a",
  "sh -c ls",
  "ls &",
  "ls |& cat",
  "ls\u00a0-l",
  "ls\\\n-l",
  "env ls",
  "sudo ls",
  "",
];

const DANGEROUS = [
  "rm -rf /",
  "rm -f a",
  "ls && rm --force a",
  "sudo rm -fr a",
  "sudo -n rm -f a",
  "dd of=/dev/sda",
  "mkfs.ext4 x",
];
const NOT_DANGEROUS = ["rm a", "rm -r a", "ls -f", "echo rm -rf", "dd if=a", "git push --force"];

const ROWS: readonly (readonly [readonly string[], { knownSafe?: boolean; dangerous?: boolean }])[] = [
  [SAFE, { knownSafe: true, dangerous: false }],
  [NOT_SAFE, { knownSafe: false }],
  [DANGEROUS, { knownSafe: false, dangerous: true }],
  [NOT_DANGEROUS, { dangerous: false }],
];

for (const [scripts, expected] of ROWS) {
  for (const script of scripts) {
    Deno.test(`inspect() ${JSON.stringify(script)} is ${JSON.stringify(expected)}`, async () => {
      const { knownSafe, dangerous } = await inspector.inspect(["/bin/bash", "-lc", script]);
      deepEqual({ knownSafe, dangerous, ...expected }, { knownSafe, dangerous });
    });
  }
}

Deno.test("inspect() judges a command without a shell by its words", async () => {
  const { knownSafe, dangerous } = await inspector.inspect(["rm", "-rf", "x"]);
  deepEqual([knownSafe, dangerous], [false, true]);
});
