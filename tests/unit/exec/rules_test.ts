import { deepEqual, equal } from "node:assert/strict";
import { readAsset } from "../../../src/host/assets.ts";
import { createCommandInspector } from "../../../src/exec/command_inspection.ts";
import { allowRule, appendAllowRule, evaluateRules, loadRules, proposedAmendment } from "../../../src/exec/rules.ts";
import { parseRulesFile } from "../../../src/exec/rules_file.ts";

const inspector = createCommandInspector(readAsset);
const inspect = (script: string): ReturnType<typeof inspector.inspect> =>
  inspector.inspect(["/bin/bash", "-lc", script]);

const rules = parseRulesFile(
  `
prefix_rule(pattern=["git", ["push", "fetch"]], decision="prompt", justification="goes out")
prefix_rule(pattern=["git", "fetch"])
prefix_rule(pattern=["rm"], decision="forbidden")
prefix_rule(pattern=["npm", "test"])
prefix_rule(pattern=["make"])
prefix_rule(pattern=["/bin/bash", "-lc", "make > log"])
`,
  "x.rules",
);

const VERDICTS: readonly (readonly [string, string | null])[] = [
  ["npm test", "allow"],
  ["npm test -- a", "allow"],
  ["npm install", null],
  ["npm test && make", "allow"],
  ["npm test && ls | wc -l", "allow"],
  ["npm test && npm install", null],
  ["npm test && rm x", "forbidden"],
  ["ls", null],
  ["git fetch", "prompt"],
  ["make > log", "allow"],
  ["make > other", null],
  ["(rm x)", null],
];

for (const [script, expected] of VERDICTS) {
  Deno.test(`evaluateRules() ${JSON.stringify(script)} is ${expected}`, async () => {
    equal(evaluateRules(rules, await inspect(script))?.decision ?? null, expected);
  });
}

Deno.test("evaluateRules() tells the prefix and the reason", async () => {
  deepEqual(evaluateRules(rules, await inspect("ls; git push origin")), {
    decision: "prompt",
    matchedPrefix: ["git", "push"],
    justification: "goes out",
  });
});

const AMENDMENTS: readonly (readonly [string, readonly string[] | null, readonly string[] | null])[] = [
  ["touch /opt/a && echo wrote", null, ["touch", "/opt/a"]],
  ["touch unt.txt && echo made", null, ["touch", "unt.txt"]],
  ["rm -rf /opt/x", null, null],
  ["python3 -c 'print(1)' > /opt/p", null, ["/bin/bash", "-lc", "python3 -c 'print(1)' > /opt/p"]],
  ["for i in 1 2; do touch /opt/l; done", null, ["/bin/bash", "-lc", "for i in 1 2; do touch /opt/l; done"]],
  ["npm test && touch a", null, ["touch", "a"]],
  ["touch /opt/rule", ["touch"], ["touch"]],
  ["touch a", ["npm"], ["touch", "a"]],
  ["touch a; npm install", ["touch"], ["touch", "a"]],
  ["python3 x.py", ["python3"], ["python3", "x.py"]],
  ["python3 -c x", ["python3", "-c"], ["python3", "-c", "x"]],
  ["python3 x.py a", ["python3", "x.py"], ["python3", "x.py"]],
  ["git commit -m x", ["git"], ["git", "commit", "-m", "x"]],
  ["git commit -m x", ["git", "commit"], ["git", "commit"]],
  ["bash -c x", ["bash", "-c"], ["bash", "-c", "x"]],
  ["touch a", [], ["touch", "a"]],
  ["git push", null, null],
];

for (const [script, requested, expected] of AMENDMENTS) {
  Deno.test(`proposedAmendment() of ${JSON.stringify(script)} asked for ${JSON.stringify(requested)}`, async () => {
    deepEqual(proposedAmendment(await inspect(script), requested, rules), expected);
  });
}

Deno.test("loadRules() reads all files of a home in order; appendAllowRule() adds to the default one, once", async () => {
  const home = await Deno.makeTempDir();
  try {
    deepEqual(await loadRules(home), []);
    await appendAllowRule(home, ["touch", "a b"]);
    await appendAllowRule(home, ["touch", "a b"]);
    await appendAllowRule(home, ["ls"]);
    equal(
      await Deno.readTextFile(`${home}/rules/default.rules`),
      `prefix_rule(pattern=["touch", "a b"], decision="allow")\nprefix_rule(pattern=["ls"], decision="allow")\n`,
    );
    await Deno.writeTextFile(`${home}/rules/a.rules`, `prefix_rule(pattern=["x"])`);
    await Deno.writeTextFile(`${home}/rules/notes.txt`, "not rules");
    deepEqual(await loadRules(home), [allowRule(["x"]), allowRule(["touch", "a b"]), allowRule(["ls"])]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
