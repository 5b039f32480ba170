// The tables of keys and slash commands test themselves.
import assert from "node:assert/strict";
import { findKey, type KeyContext, keymap } from "../../../src/tui/keymap.ts";
import { matchSlashCommands, parseSlash, slashCommands } from "../../../src/tui/slash_commands.ts";

for (const [context, rows] of Object.entries(keymap)) {
  Deno.test(`keymap: no key means two things in ${context}`, () => {
    const ids = rows.map(([id]) => id);
    assert.deepEqual(ids, [...new Set(ids)]);
  });
}

const keys: readonly (readonly [string, KeyContext, string | null])[] = [
  ["\r", "approval", "confirm"],
  ["\x1b", "approval", "cancel"],
  ["y", "approval", "choose:y"],
  ["y", "composer", null],
  ["\x1b", "composer", "interrupt"],
  ["\x03", "composer", "clearOrQuit"],
  ["\x03", "approval", "cancel"],
  ["\x04", "idle", "quit"],
  ["\x04", "composer", null],
  ["\t", "composer", "queue"],
  ["\t", "popup", "complete"],
  ["\x1b[A", "popup", "up"],
  ["\x1b[A", "composer", null],
  ["\x1a", "idle", "suspend"],
];

for (const [data, context, name] of keys) {
  Deno.test(`findKey(${JSON.stringify(data)}) in ${context} is ${name}`, () =>
    assert.equal(findKey(data, context), name));
}

Deno.test("slash commands: names and aliases are unique plain words, joined by hyphens at most", () => {
  const names = slashCommands.flatMap((row) => [row.name, ...("aliases" in row ? row.aliases : [])]);
  assert.deepEqual(names, [...new Set(names)]);
  assert.ok(names.every((name) => /^[a-z]+(-[a-z]+)*$/.test(name)));
});

const popups: readonly (readonly [string, readonly string[]])[] = [
  ["", []],
  ["/", ["model", "new", "status", "sandbox-add-read-dir", "help", "quit"]],
  ["/n", ["new"]],
  ["/ex", ["quit"]],
  ["/zzz", []],
  ["/new thing", []],
  ["/sandbox-a", ["sandbox-add-read-dir"]],
  ["text /n", []],
];

for (const [draft, names] of popups) {
  Deno.test(`matchSlashCommands("${draft}")`, () =>
    assert.deepEqual(matchSlashCommands(draft).map((row) => row.name), names));
}

Deno.test("parseSlash() tells commands, unknown ones and text apart", () => {
  const kinds = ["/new", " /EXIT ", "/nope", "/etc/hosts", "/new thing", "hi"].map((text) => parseSlash(text).kind);
  assert.deepEqual(kinds, ["command", "command", "unknown", "text", "text", "text"]);
});

Deno.test("parseSlash() gives what follows to the command that takes it, spaces inside too", () => {
  const arguments_ = ["/sandbox-add-read-dir", "/Sandbox-add-read-dir  C:\\My files ", "/new"].map((text) => {
    const parsed = parseSlash(text);
    return parsed.kind === "command" ? [parsed.row.name, parsed.argument] : parsed.kind;
  });
  assert.deepEqual(arguments_, [
    ["sandbox-add-read-dir", null],
    ["sandbox-add-read-dir", "C:\\My files"],
    ["new", null],
  ]);
});
