// The flag table tests itself.
import assert from "node:assert/strict";
import { commandOf, commands } from "../../../src/cli/commands.ts";
import { laterFlags } from "../../../src/cli/later.ts";
import { findFlag, type FlagName, flagOf, flags } from "../../../src/cli/shared_flags.ts";

const names = Object.keys(flags) as FlagName[];
const all = names.map(flagOf);

Deno.test("flags: no spelling is used twice, now or later", () => {
  const spellings = all.flatMap((flag) => [flag.long, ...(flag.aliases ?? []), ...(flag.short ? [flag.short] : [])]);
  spellings.push("-h", "--help", "-V", "--version", ...laterFlags);
  assert.deepEqual(spellings.filter((text, at) => spellings.indexOf(text) !== at), []);
});

Deno.test("flags: spellings are plain, and keyed by their camel-case name", () => {
  for (const name of names) {
    const flag = flagOf(name);
    assert.match(flag.long, /^--[a-z]+(-[a-z]+)*$/);
    if (flag.short !== undefined) assert.match(flag.short, /^-[a-zA-Z]$/);
    assert.equal(flag.long.slice(2).replace(/-([a-z])/g, (_, letter) => letter.toUpperCase()), name);
    assert.equal(findFlag(flag.long), name);
  }
});

Deno.test("flags: only flags with a value have choices, repeat or may be empty", () => {
  const odd = all.filter((flag) => flag.valueName === undefined && (flag.choices || flag.repeat || flag.emptyAllowed));
  assert.deepEqual(odd, []);
});

Deno.test("flags: choices are plain ASCII words, all named in the long help", () => {
  for (const flag of all) {
    for (const choice of flag.choices ?? []) {
      assert.match(choice, /^[a-z-]+$/);
      assert.ok(`${flag.help} ${flag.details}`.includes(choice), `${flag.long}: ${choice}`);
    }
  }
});

Deno.test("flags: help is one short line without a full stop; conflicts name flags", () => {
  for (const flag of all) {
    assert.match(flag.help, /^[A-Z][^\n]{5,100}[^.]$/, flag.long);
    for (const other of flag.conflicts ?? []) assert.notEqual(findFlag(other), undefined, other);
  }
});

Deno.test("flags: every flag is taken by a command", () => {
  const taken = new Set(Object.keys(commands).flatMap((name) => commandOf(name as keyof typeof commands).flags));
  assert.deepEqual(names.filter((name) => !taken.has(name)), []);
});

Deno.test("commands: words are unique and plain", () => {
  const words = Object.values(commands).map((row) => row.words as string);
  assert.deepEqual(words.filter((word, at) => words.indexOf(word) !== at || !/^[a-z -]*$/.test(word)), []);
});
