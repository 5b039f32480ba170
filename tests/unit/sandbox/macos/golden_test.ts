// The whole profile of each mode is golden, so that a reviewer sees every change of a rule. Rewrite with:
//   deno test -A tests/unit/sandbox/macos/golden_test.ts -- -u
import { equal } from "node:assert/strict";
import { PLAN_NAMES, profileOf, rulesOf } from "./plans.ts";

for (const name of PLAN_NAMES) {
  Deno.test(`seatbeltProfile() writes golden/${name}.sbpl`, async () => {
    const { text, parameters } = profileOf(name);
    const values = parameters.map(([key, value]) => `; ${key} = ${JSON.stringify(value)}\n`).join("");
    const golden = `${text}\n; Parameters\n${values}`;
    const url = new URL(`golden/${name}.sbpl`, import.meta.url);
    if (Deno.args.includes("-u")) await Deno.writeTextFile(url, golden);
    equal(golden, await Deno.readTextFile(url));
  });

  for (const unknown of [[], ["file-link", "file-clone"], ["ioctl-command"]]) {
    const where = unknown.length === 0 ? "" : `, where macOS does not know ${unknown.join(" and ")}`;
    Deno.test(`seatbeltProfile() ${name} is in the language${where}`, () => {
      equal(rulesOf(name, unknown).length > 20, true);
    });
  }
}

Deno.test("golden/ holds no file of a mode that is gone", () => {
  const files = [...Deno.readDirSync(new URL("golden/", import.meta.url))].map(({ name }) => name).sort();
  equal(files.join(), PLAN_NAMES.map((name) => `${name}.sbpl`).sort().join());
});
