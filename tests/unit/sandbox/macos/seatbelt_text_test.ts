import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { describeSeatbelt } from "../../../../src/sandbox/macos/describe_seatbelt.ts";
import { seatbeltArguments, seatbeltProfile } from "../../../../src/sandbox/macos/seatbelt_text.ts";
import type { SandboxPlan } from "../../../../src/sandbox/plan.ts";
import { parseProfile } from "../../../support/seatbelt/parse.ts";
import { PLANS, profileOf, PROXY_PORTS } from "./plans.ts";

const nasty = fc.oneof(
  fc.constantFrom(
    '")(allow default)("',
    "a b",
    "a\nb",
    "-Dx=y",
    "a=b",
    "\\",
    "$(x)",
    "(",
    ")",
    ";",
    "\u00e9",
    "{a",
    "#",
  ),
  fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }),
).filter((text) => !text.includes("\0") && text.isWellFormed() && !/^[./\s]*$/.test(text));
const path = fc.array(nasty, { minLength: 1, maxLength: 3 }).map((parts) =>
  `/${parts.join("/").replaceAll(/\/+/g, "/")}`
);

Deno.test("seatbeltProfile() no path changes the structure: the text depends on how many there are alone", () => {
  fc.assert(
    fc.property(path, path, path, path, (a, b, c, d) => {
      const plan: SandboxPlan = {
        ...PLANS.read_only,
        readable: { everything: false, platform: false, roots: [`/r${a}`] },
        writable: [`/w${b}`],
        protected: [`/w${b}/p${c}`],
        hidden: [`/h${d}`],
      };
      const { text, parameters } = seatbeltProfile(plan);
      parseProfile(text, { parameters });
      for (const value of [a, b, c, d]) ok(value.length < 4 || !text.includes(value), value);
      ok(/^[\x20-\x7e\n]*$/.test(text));
      const command = seatbeltArguments({ text, parameters }, ["true"]);
      deepEqual(command.slice(0, 3), ["/usr/bin/sandbox-exec", "-p", text]);
      ok(command.slice(3, -2).every((word) => /^-D[A-Z_]+_\d+=[/^]/.test(word)));
      deepEqual(command.slice(-2), ["--", "true"]);
    }),
    { numRuns: 300 },
  );
});

Deno.test("seatbeltProfile() two plans of the same shape have the same text", () => {
  const one = seatbeltProfile({ ...PLANS.read_only, writable: ["/one"], protected: ["/one/.git"] });
  const two = seatbeltProfile({ ...PLANS.read_only, writable: ['/tw"o)'], protected: ['/tw"o)/(allow default)'] });
  equal(one.text, two.text);
});

Deno.test("seatbeltProfile() refuses paths that no argument can carry", () => {
  for (const bad of ["/a\0b", "/\ud800"]) {
    throws(() => seatbeltProfile({ ...PLANS.read_only, writable: [bad] }), { code: "SANDBOX_UNAVAILABLE" });
  }
});

for (const ports of [[], [0], [65_536], [1.5], [NaN]]) {
  Deno.test(`seatbeltProfile() a proxy on ${ports.length === 0 ? "no port" : `port ${ports}`} is refused`, () => {
    throws(() => seatbeltProfile(PLANS.proxy, { proxyPorts: ports }), { code: "SANDBOX_UNAVAILABLE" });
  });
}

Deno.test("seatbeltProfile() marks every denial of the plan, and the default, with a tag", () => {
  const { text, parameters } = seatbeltProfile(PLANS.workspace_write, { logTag: "codex-12ab" });
  const rules = parseProfile(text, { parameters });
  const own = rules.filter(({ operations }) => !["nvram*", "process-info*", "file-ioctl"].includes(operations.join()));
  const unmarked = own.filter(({ action, message, filters }) =>
    action === "deny" && message !== "codex-12ab" && filters.some(({ texts }) => texts[0] !== "/dev")
  );
  deepEqual(unmarked, []);
  equal(rules[0]?.message, "codex-12ab");
  throws(() => seatbeltProfile(PLANS.read_only, { logTag: 'x"' }), RangeError);
});

Deno.test("seatbeltProfile() platform defaults only under restricted reads that ask for them, network services only with one", () => {
  const has = (name: keyof typeof PLANS, part: string): boolean => profileOf(name).text.includes(part);
  deepEqual(
    (["read_only", "restricted_reads", "few_reads", "proxy", "workspace_write_network"] as const).map((name) => [
      has(name, "/System/Library/Frameworks"),
      has(name, "com.apple.trustd.agent"),
    ]),
    [[false, false], [true, false], [false, false], [false, true], [false, true]],
  );
});

Deno.test("describeSeatbelt() tells profile, parameters and command line on any platform", () => {
  const described = describeSeatbelt(PLANS.proxy, {
    argv: ["make", "a b"],
    cwd: "/Users/ann/ws",
    env: { PATH: "/bin" },
  });
  const { text, parameters } = seatbeltProfile(PLANS.proxy, { proxyPorts: PROXY_PORTS });
  deepEqual(described.argv, seatbeltArguments({ text, parameters }, ["make", "a b"]));
  deepEqual(described.profile.join("\n"), text);
  deepEqual(described.parameters, Object.fromEntries(parameters));
  deepEqual(described.environment, { CODEX_SANDBOX: "seatbelt" });
  equal(described.notes.length, 3);
  deepEqual(
    describeSeatbelt(PLANS.read_only, { argv: ["x"], cwd: "/", env: {} }).environment,
    { CODEX_SANDBOX: "seatbelt", CODEX_SANDBOX_NETWORK_DISABLED: "1" },
  );
});
