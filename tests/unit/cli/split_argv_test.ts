// One row per way to write a command line, with those that commander alone would read otherwise than the reference.
import assert from "node:assert/strict";
import { splitArgv } from "../../../src/cli/split_argv.ts";

const rows: [name: string, argv: string[], expected: Partial<ReturnType<typeof splitArgv>>][] = [
  ["nothing", [], { before: [], word: null, after: [], asks: null }],
  ["a prompt", ["fix it"], { before: ["fix it"], word: null }],
  ["-m=x", ["-m=x"], { before: ["--model=x"] }],
  ["-mx", ["-mx"], { before: ["--model=x"] }],
  ["-m x", ["-m", "x"], { before: ["--model=x"] }],
  ["--model x", ["--model", "x"], { before: ["--model=x"] }],
  ["-c keeps later equals signs", ["-c=a=b=c"], { before: ["--config=a=b=c"] }],
  ["an inline value may look like a flag", ["--model=--oss"], { before: ["--model=--oss"] }],
  ["a lone dash is a value", ["-m", "-"], { before: ["--model=-"] }],
  ["an alias", ["--yolo"], { before: ["--dangerously-bypass-approvals-and-sandbox"] }],
  ["a command", ["resume", "--last"], { before: [], word: "resume", after: ["--last"] }],
  ["flags before the command", ["-m", "x", "resume"], { before: ["--model=x"], word: "resume" }],
  ["a value that is a command's word", ["-m", "resume"], { before: ["--model=resume"], word: null }],
  ["a word behind a prompt is no command", ["hello", "resume"], { before: ["hello", "resume"], word: null }],
  ["-- ends commands", ["--", "resume"], { before: ["--", "resume"], word: null }],
  ["-- ends flags", ["resume", "--", "--last"], { word: "resume", after: ["--", "--last"] }],
  ["a later version's command keeps its tokens", ["exec", "-x", "--", "y"], { word: "exec", after: ["-x", "--", "y"] }],
  ["words of a sandboxed command", ["sandbox", "linux", "ls", "-la", "--help"], {
    word: "sandbox linux",
    after: ["--", "ls", "-la", "--help"],
  }],
  ["flags before a sandboxed command", ["sandbox", "--full-auto", "-C", "/x", "ls", "-C"], {
    word: "sandbox",
    after: ["--full-auto", "--cd=/x", "--", "ls", "-C"],
  }],
  ["a platform's other name", ["sandbox", "landlock", "--", "ls"], { word: "sandbox linux", after: ["--", "ls"] }],
  ["a program with a platform's name", ["sandbox", "--", "linux"], { word: "sandbox", after: ["--", "linux"] }],
  ["-- among a command's words", ["sandbox", "linux", "--", "a", "--", "b"], { after: ["--", "a", "--", "b"] }],
  ["-h", ["-h"], { asks: "shortHelp" }],
  ["--help of a command", ["resume", "--help"], { word: "resume", asks: "longHelp" }],
  ["help stops the reading", ["--help", "--nonsense"], { before: [], asks: "longHelp" }],
  ["--version behind flags", ["-m", "x", "--version"], { before: ["--model=x"], asks: "version" }],
  ["--version is the root's", ["resume", "--version"], { after: ["--version"], asks: null }],
  ["an unknown flag passes", ["--nope=1"], { before: ["--nope=1"] }],
  ["a flag of another command passes as typed", ["--listen", "off"], { before: ["--listen", "off"] }],
];

for (const [name, argv, expected] of rows) {
  Deno.test(`splitArgv() reads ${name}`, () => {
    const found = splitArgv(argv);
    assert.deepEqual({ ...found, ...expected }, found);
  });
}
