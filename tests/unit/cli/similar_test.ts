// Which word was probably meant.
import assert from "node:assert/strict";
import { findSimilar } from "../../../src/cli/similar.ts";

const flags = ["--remote", "--remote-auth-token-env", "--model", "--cd", "--all"];
const rows: [text: string, meant: string | null][] = [
  ["--remot", "--remote"],
  ["--modle", "--model"],
  ["--remotes", "--remote"],
  ["--profiles", null],
  ["--foo", null],
  ["-x", null],
  ["--cp", null],
];
for (const [text, meant] of rows) {
  Deno.test(`findSimilar() takes ${text} for ${meant}`, () => assert.equal(findSimilar(text, flags), meant));
}
