import assert from "node:assert/strict";
import { type FileDelta, gitStyleDiff, unifiedHunks } from "../../../src/workspace/unified_diff.ts";

const numbered = (count: number, change: (line: string, at: number) => string = (line) => line): string =>
  Array.from({ length: count }, (_, index) => `${change(`line ${index + 1}`, index + 1)}\n`).join("");

Deno.test("unifiedHunks() writes spans and context as recorded", () => {
  const changed = numbered(30, (line, at) => at === 10 || at === 20 ? line.toUpperCase() : line);
  const rows: [before: string, after: string, want: string][] = [
    ["a\n", "a\n", ""],
    ["hello\n", "hi\n", "@@ -1 +1 @@\n-hello\n+hi\n"],
    ["", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"],
    ["a\n", "", "@@ -1 +0,0 @@\n-a\n"],
    ["a\nb\nc", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n-c\n\\ No newline at end of file\n+B\n+c\n"],
    [
      numbered(30),
      changed,
      "@@ -9,3 +9,3 @@\n line 9\n-line 10\n+LINE 10\n line 11\n@@ -19,3 +19,3 @@\n line 19\n-line 20\n+LINE 20\n line 21\n",
    ],
  ];
  for (const [before, after, want] of rows) assert.equal(unifiedHunks(before, after, 1), want);
});

function delta(before: [string, string] | null, after: [string, string] | null): FileDelta {
  const side = (pair: [string, string] | null): FileDelta["before"] =>
    pair === null ? null : { path: pair[0], content: new TextEncoder().encode(pair[1]) };
  return { before: side(before), after: side(after) };
}

Deno.test("gitStyleDiff() writes the recorded text of a turn", async () => {
  const none = "0".repeat(40);
  const text = await gitStyleDiff([
    delta(["/tmp/ws/hello.txt", "hello\n"], ["/tmp/ws/moved.txt", "hello moved\n"]),
    delta(null, ["/tmp/ws/a.txt", "A\n"]),
    delta(["/tmp/ws/gone.txt", "to be deleted\n"], null),
    delta(["/tmp/ws/same.txt", "x\n"], ["/tmp/ws/same.txt", "x\n"]),
  ], "/tmp/ws");
  assert.equal(
    text,
    `diff --git a/a.txt b/a.txt\nnew file mode 100644\nindex ${none}..f70f10e4db19068f79bc43844b49f3eece45c4e8\n` +
      "--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+A\n" +
      `diff --git a/gone.txt b/gone.txt\ndeleted file mode 100644\nindex 420201136f42027c6f971934cc73615082d65160..${none}\n` +
      "--- a/gone.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-to be deleted\n" +
      "diff --git a/hello.txt b/moved.txt\n" +
      "index ce013625030ba8dba906f756967f9e9ca394464a..a4c02f114f1d07cbfe39363d02e3f9fc9983d4cd\n" +
      "--- a/hello.txt\n+++ b/moved.txt\n@@ -1 +1 @@\n-hello\n+hello moved\n",
  );
});

Deno.test("gitStyleDiff() shows binary files, modes and files outside of the root", async () => {
  const binary = new Uint8Array([0, 1, 2]);
  const text = await gitStyleDiff([
    { before: null, after: { path: "/w/b.bin", content: binary } },
    {
      before: { path: "/w/run.sh", content: binary },
      after: { path: "/w/run.sh", content: binary, mode: "100755" },
    },
    delta(["/etc/x", "a\n"], ["/etc/x", "b\n"]),
  ], "/w");
  const lines = text.split("\n");
  assert.ok(lines.includes("diff --git a//etc/x b//etc/x"));
  assert.ok(lines.includes("Binary files /dev/null and b/b.bin differ"));
  assert.ok(text.endsWith("diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"));
});
