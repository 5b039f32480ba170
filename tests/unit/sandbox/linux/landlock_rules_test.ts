// Which rights each version of the kernel's interface is asked for, and what a person is told.
import { deepEqual, equal, match } from "node:assert/strict";
import { landlockRuleset } from "../../../../src/sandbox/linux/landlock_rules.ts";
import { landlockWarnings } from "../../../../src/sandbox/linux/landlock_warnings.ts";

const order = { writable: [{ path: "/ws", isFolder: true }, { path: "/log", isFolder: false }], terminals: [0] };

Deno.test("landlockRuleset() asks for no more than the kernel's version has", () => {
  const rows = [
    [3, "none", 0x7ff2n, 0n, 0n],
    [4, "none", 0x7ff2n, 3n, 0n],
    [5, "full", 0xfff2n, 0n, 0n],
    [6, "none", 0xfff2n, 3n, 3n],
    [7, "full", 0xfff2n, 0n, 2n],
  ] as const;
  for (const [version, network, ...expected] of rows) {
    const { handledFiles, handledPorts, scoped } = landlockRuleset({ ...order, version, network });
    deepEqual([handledFiles, handledPorts, scoped], expected, `version ${version}`);
  }
});

Deno.test("landlockRuleset() grants no devices in folders, and to files what files have", () => {
  const { rules } = landlockRuleset({ ...order, version: 7, network: "none" });
  deepEqual(rules.slice(0, 3), [
    { place: "/ws", rights: 0xf7b2n },
    { place: "/log", rights: 0xc002n },
    { place: "/dev/null", rights: 0xc002n },
  ]);
  deepEqual(rules.at(-1), { place: 0, rights: 0xc002n });
});

Deno.test("landlockWarnings() says that it is missing, or that it is less", () => {
  match(landlockWarnings(0)[0]?.summary ?? "", /this kernel has none/);
  match(landlockWarnings(4)[0]?.details ?? "", /sent signals/);
  equal(/signals/.test(landlockWarnings(7)[0]?.details ?? "signals"), false);
});
