import assert from "node:assert/strict";
import { commandReport, cutMiddle, denialNote, estimateTokens } from "../../../../src/agent/tools/exec_output.ts";

Deno.test("commandReport() has the recorded lines", () => {
  const output = "hi\nREADME.md\ngone.txt\nhello.txt\nerr\n";
  assert.equal(
    commandReport({ wallMs: 276.5, output, maxTokens: 10_000, exitCode: 3, processId: "70289" }, "fc28d4"),
    "Chunk ID: fc28d4\nWall time: 0.2765 seconds\nProcess exited with code 3\nOriginal token count: 9\n" +
      `Output:\n${output}`,
  );
  assert.equal(
    commandReport({ wallMs: 0, output: "", maxTokens: 1, exitCode: null, processId: "87230" }, "000000"),
    "Chunk ID: 000000\nWall time: 0.0000 seconds\nProcess running with session ID 87230\nOriginal token count: 0\nOutput:\n",
  );
});

const CUTS: readonly (readonly [text: string, tokens: number, cut: string])[] = [
  ["short", 2, "short"],
  ["12345678", 2, "12345678"],
  ["123456789", 2, "1234\n…1 tokens left out…\n6789"],
  // A cut inside of a character takes the whole character away, on both sides.
  ["123é5678é903", 2, "123\n…2 tokens left out…\n903"],
  ["😀😀😀😀", 2, "😀\n…2 tokens left out…\n😀"],
  ["anything", 0, "\n…2 tokens left out…\n"],
];

for (const [text, tokens, cut] of CUTS) {
  Deno.test(`cutMiddle() keeps ${tokens} tokens of ${JSON.stringify(text)}`, () => {
    assert.equal(cutMiddle(text, tokens), cut);
  });
}

Deno.test("estimateTokens() counts four bytes as one, rounded up", () => {
  assert.deepEqual(["", "err\n", "step-1\n", "é"].map(estimateTokens), [0, 1, 2, 1]);
});

Deno.test("denialNote() says which rule refused what, and how to open it", () => {
  const denials = [{ what: "write to /etc/x", rule: "outside the writable folders", remedy: "add its folder" }, {
    what: "connection to a.org:443",
    rule: "denied by a rule",
    remedy: null,
  }];
  assert.equal(
    denialNote(denials),
    "The sandbox stopped something that this command tried.\n" +
      "- write to /etc/x refused: outside the writable folders; add its folder\n" +
      "- connection to a.org:443 refused: denied by a rule",
  );
});
