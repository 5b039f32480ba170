import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { findTomlPlace } from "../../../src/config/toml_positions.ts";

const TEXT = `# head
a = 1
"quo.ted" = 'x' # tail
b.c = [ 1,
  { d = "é", e.f = [2] }, # in a list
]

[t."x y".z]
k = """
multi ]]
""""
l = 3
[[list]]
m = 1
[[list]]
m = 2
[list.sub]
n = 3
[[list.deep]]
o = 4
`;

Deno.test("findTomlPlace() finds values, headers and the nearest holder", () => {
  const rows: [string[], number, number][] = [
    [["a"], 2, 5],
    [["quo.ted"], 3, 13],
    [["b"], 4, 1],
    [["b", "c"], 4, 7],
    [["b", "c", "0"], 4, 9],
    [["b", "c", "1"], 5, 3],
    [["b", "c", "1", "d"], 5, 9],
    [["b", "c", "1", "e", "f", "0"], 5, 21],
    [["t", "x y", "z"], 8, 1],
    [["t", "x y", "z", "k"], 9, 5],
    [["t", "x y", "z", "l"], 12, 5],
    [["list", "0", "m"], 14, 5],
    [["list", "1"], 15, 1],
    [["list", "1", "m"], 16, 5],
    [["list", "1", "sub", "n"], 18, 5],
    [["list", "1", "deep", "0", "o"], 20, 5],
    [["list", "1", "missing"], 15, 1],
  ];
  for (const [key, line, column] of rows) assert.deepEqual(findTomlPlace(TEXT, key), { line, column }, key.join("."));
  assert.equal(findTomlPlace(TEXT, ["none"]), null);
});

Deno.test("findTomlPlace() never hangs on text that is not TOML", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => void findTomlPlace(text, ["a"])));
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("[", "]", '"', "'", "=", ".", "a", "\n", "{", "}", ",", "#", "\\")),
      (parts) => void findTomlPlace(parts.join(""), ["a"]),
    ),
  );
});

Deno.test("findTomlPlace() finds every leaf of any document, and its text starts there", () => {
  const key = fc.oneof(fc.stringMatching(/^[a-z]{1,3}$/), fc.string({ minLength: 1, maxLength: 4 }))
    .filter((name) => name !== "__proto__");
  const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.string());
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, leaf, tie("list"), tie("table")),
    list: fc.array(leaf, { maxLength: 3 }),
    table: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
  }));
  fc.assert(fc.property(fc.dictionary(key, value, { maxKeys: 5 }), (table) => {
    const text = stringify(table);
    const visit = (node: unknown, path: string[]): void => {
      if (typeof node === "object" && node !== null) {
        for (const [name, child] of Object.entries(node)) visit(child, [...path, name]);
        return;
      }
      const place = findTomlPlace(text, path);
      assert.ok(place, `${path} in ${text}`);
      const rest = Array.from(text.split("\n")[place.line - 1] ?? "").slice(place.column - 1).join("");
      const shown = typeof node === "string" ? (rest.startsWith("'") ? "'" : '"') : String(node);
      assert.ok(rest.startsWith(shown), `${path} at ${JSON.stringify(rest)} in ${text}`);
    };
    visit(parse(text), []);
  }));
});
