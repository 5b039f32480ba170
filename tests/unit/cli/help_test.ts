// Help texts are golden so that a reviewer sees every change of them. Rewrite with:
//   deno test -A tests/unit/cli/help_test.ts -- -u
import assert from "node:assert/strict";
import { type CommandName, commandOf, commands } from "../../../src/cli/commands.ts";
import { helpText } from "../../../src/cli/help.ts";
import { makeStyle } from "../../../src/cli/style.ts";

const plain = makeStyle(false, {});

for (const name of Object.keys(commands) as CommandName[]) {
  for (const long of [false, true]) {
    const file = `${["codex", commandOf(name).words].filter(Boolean).join("_")}.${long ? "long" : "short"}.txt`;
    Deno.test(`helpText() writes ${file}`, async () => {
      const url = new URL(`help/${file}`, import.meta.url);
      const text = helpText(name, { long, style: plain });
      if (Deno.args.includes("-u")) await Deno.writeTextFile(url, text);
      assert.equal(text, await Deno.readTextFile(url));
    });
  }
}

Deno.test("helpText() keeps to 80 columns", () => {
  for (const name of Object.keys(commands) as CommandName[]) {
    const text = helpText(name, { long: true, style: plain }) + helpText(name, { long: false, style: plain });
    const lines = text.split("\n").filter((line) => line.length > 80 && !line.startsWith("  codex "));
    assert.deepEqual(lines, []);
  }
});

const styles: [name: string, terminal: boolean, environment: Record<string, string>, styled: boolean][] = [
  ["a terminal", true, {}, true],
  ["a pipe", false, {}, false],
  ["NO_COLOR", true, { NO_COLOR: "1" }, false],
  ["an empty NO_COLOR", true, { NO_COLOR: "" }, true],
  ["a dumb terminal", true, { TERM: "dumb" }, false],
];
for (const [name, terminal, environment, styled] of styles) {
  Deno.test(`makeStyle() on ${name}`, () => {
    assert.equal(makeStyle(terminal, environment).strong("x") !== "x", styled);
  });
}
