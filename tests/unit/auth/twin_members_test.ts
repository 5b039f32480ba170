import assert from "node:assert/strict";
import { hasTwinMembers } from "../../../src/auth/twin_members.ts";

Deno.test("hasTwinMembers() looks at the names of the outermost object only", () => {
  const rows: [string, boolean][] = [
    ["{}", false],
    ["[]", false],
    ['"a"', false],
    ['{"a":1,"b":2}', false],
    ['{"a":1,"a":1}', true],
    ['{"a" : 1, "b":2 ,\n"a"\t:3}', true],
    ['{"a":"a","b":"a"}', false],
    ['{"a":{"b":1},"b":1}', false],
    ['{"a":{"b":1,"b":1}}', false],
    ['{"a":[{"a":1}],"c":1}', false],
    ['{"a":[],"a":{}}', true],
    ['{"\\u0061":1,"a":2}', true],
    ['{"a\\"":1,"a":2}', false],
    ['{"a":"{\\"a\\":1}","b":"}"}', false],
    ['{"":1,"":2}', true],
    ['{"__proto__":1,"constructor":2}', false],
  ];
  for (const [json, expected] of rows) assert.equal(hasTwinMembers(json), expected, json);
});
