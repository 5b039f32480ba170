import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { overridesToTable, parseOverride, requestToTable, splitKey } from "../../../src/config/override.ts";

Deno.test("parseOverride() reads TOML, and takes the rest as text", () => {
  const rows: [string, unknown][] = [
    ["a=3", 3],
    ["a = true", true],
    ['a="3"', "3"],
    ['a=["x", 2]', ["x", 2]],
    ["a={ b = 1 }", { b: 1 }],
    ["a=gpt-5.4", "gpt-5.4"],
    ["a=on request", "on request"],
    ["a='unclosed", "unclosed"],
    ["a=", ""],
    ["a=b=c", "b=c"],
    ["a=1\nb=2", "1\nb=2"],
  ];
  for (const [text, value] of rows) assert.deepEqual(parseOverride(text), { key: "a", value }, text);
});

Deno.test("parseOverride() refuses what has no key", () => {
  for (const text of ["", "a", "=1", " =1", "a..b=1", ".a=1", "a.=1", 'a."b=1']) {
    assert.throws(() => parseOverride(text), (error) => error instanceof CodexError && error.code === "USAGE", text);
  }
});

Deno.test("splitKey() splits at dots outside quotes", () => {
  const rows: [string, string[]][] = [
    ["a", ["a"]],
    ["a.b-c.d_1", ["a", "b-c", "d_1"]],
    ['projects."/a.b".trust_level', ["projects", "/a.b", "trust_level"]],
    ["projects.'/a.b'", ["projects", "/a.b"]],
    [" a . b ", ["a", "b"]],
  ];
  for (const [key, parts] of rows) assert.deepEqual(splitKey(key), parts, key);
});

Deno.test("overridesToTable() and requestToTable() join values; later ones win", () => {
  assert.deepEqual(overridesToTable(["a.b=1", "a.c=2", "a.b=3", "d={ e = 1 }", "d.f=2"].map(parseOverride)), {
    a: { b: 3, c: 2 },
    d: { e: 1, f: 2 },
  });
  assert.deepEqual(
    requestToTable({ "a.b": 1, a: { c: [1, null, { d: null, e: "x" }], f: null }, g: null, h: undefined }),
    { a: { b: 1, c: [1, { e: "x" }] } },
  );
});
