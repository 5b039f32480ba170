import { deepEqual, equal } from "node:assert/strict";
import { FULL_NETWORK, NO_NETWORK, type PlanContext, planSandbox } from "../../../src/sandbox/plan.ts";
import type { SandboxPolicy } from "../../../src/protocol/types/policy.ts";

const context: PlanContext = { cwd: "/home/a/ws", tmpdir: null, codexHome: "/home/a/.codex", home: "/home/a" };
const everything = { everything: true, platform: true, roots: [] };
const nothingHidden = { hidden: [], hiddenPatterns: [] };
const names = (root: string): string[] => [`${root}/.agents`, `${root}/.codex`, `${root}/.git`];

Deno.test("planSandbox() has no plan where no sandbox of ours is asked for", () => {
  equal(planSandbox({ type: "dangerFullAccess" }, context), null);
  equal(planSandbox({ type: "externalSandbox", networkAccess: "restricted" }, context), null);
});

Deno.test("planSandbox() read-only reads everything, writes nothing, has no network", () => {
  deepEqual(planSandbox({ type: "readOnly" }, context), {
    readable: everything,
    ...nothingHidden,
    writable: [],
    protected: [],
    network: NO_NETWORK,
    cwd: "/home/a/ws",
  });
});

Deno.test("planSandbox() keeps the readable roots of a restricted policy", () => {
  const access = { type: "restricted" as const, readableRoots: ["/srv/b", "/srv/a/", "relative"] };
  deepEqual(planSandbox({ type: "readOnly", access, networkAccess: true }, context), {
    readable: { everything: false, platform: true, roots: ["/srv/a", "/srv/b"] },
    ...nothingHidden,
    writable: [],
    protected: [],
    network: FULL_NETWORK,
    cwd: "/home/a/ws",
  });
});

Deno.test("planSandbox() workspace-write opens cwd, /tmp, TMPDIR, memories, and protects names in each", () => {
  deepEqual(planSandbox({ type: "workspaceWrite" }, { ...context, tmpdir: "/var/tmp/x" }), {
    readable: everything,
    ...nothingHidden,
    writable: ["/home/a/.codex/memories", "/home/a/ws", "/tmp", "/var/tmp/x"],
    protected: [...names("/home/a/.codex/memories"), ...names("/home/a/ws"), ...names("/tmp"), ...names("/var/tmp/x")],
    network: NO_NETWORK,
    cwd: "/home/a/ws",
  });
});

const ROOTS: readonly (readonly [
  string,
  Partial<Extract<SandboxPolicy, { type: "workspaceWrite" }>>,
  Partial<PlanContext>,
  string[],
])[] = [
  ["leaves /tmp out", { excludeSlashTmp: true }, {}, ["/home/a/ws"]],
  ["leaves TMPDIR out", { excludeTmpdirEnvVar: true }, { tmpdir: "/t" }, ["/home/a/ws", "/tmp"]],
  ["adds roots, each once", { writableRoots: ["/srv/x", "/srv/x/"] }, {}, ["/home/a/ws", "/srv/x", "/tmp"]],
  ["does not open the disk for TMPDIR=/", {}, { tmpdir: "/" }, ["/home/a/ws", "/tmp"]],
  ["does not open the home for TMPDIR=$HOME", {}, { tmpdir: "/home/a" }, ["/home/a/ws", "/tmp"]],
  ["does not open what holds the home", {}, { tmpdir: "/home" }, ["/home/a/ws", "/tmp"]],
  ["opens a TMPDIR inside the home", {}, { tmpdir: "/home/a/tmp" }, ["/home/a/tmp", "/home/a/ws", "/tmp"]],
  ["passes over a relative TMPDIR", {}, { tmpdir: "tmp" }, ["/home/a/ws", "/tmp"]],
];

for (const [name, policy, change, expected] of ROOTS) {
  Deno.test(`planSandbox() ${name}`, () => {
    const plan = planSandbox({ type: "workspaceWrite", ...policy }, { ...context, ...change });
    deepEqual(plan?.writable.filter((root) => !root.endsWith("/memories")), expected);
  });
}

Deno.test("planSandbox() protects a codex home that lies in a writable root, but not its memories", () => {
  const plan = planSandbox({ type: "workspaceWrite" }, { ...context, codexHome: "/tmp/home" });
  equal(plan?.protected.includes("/tmp/home"), true);
  equal(plan?.writable.includes("/tmp/home/memories"), true);
});

Deno.test("planSandbox() a protected path that is named as a root stays writable", () => {
  const plan = planSandbox({ type: "workspaceWrite", writableRoots: ["/home/a/ws/.git"] }, context);
  equal(plan?.protected.includes("/home/a/ws/.git"), false);
});

Deno.test("planSandbox() a variable in the list of sockets is what it says now, or nothing", () => {
  const unixSockets = ["/run/docker.sock", "$AGENT", "$NONE", "$RELATIVE"];
  const extras = { allowGitWrites: false, unixSockets, loopbackPorts: [] };
  const variables = { AGENT: "/tmp/agent.1", RELATIVE: "agent" };
  const plan = planSandbox({ type: "workspaceWrite" }, { ...context, extras, variables });
  deepEqual(plan?.network.unixSockets, ["/run/docker.sock", "/tmp/agent.1"]);
});

Deno.test("planSandbox() for Landlock: whole roots where protected names are roots themselves, and no memories", () => {
  const writableRoots = ["/home/a/ws/.git", "/home/a/ws/.codex", "/home/a/ws/.agents"];
  const policy = { type: "workspaceWrite", writableRoots, excludeSlashTmp: true } as const;
  const plan = planSandbox(policy, { ...context, legacyLandlock: true });
  deepEqual([plan?.protected, plan?.writable.length, plan?.legacyLandlock], [[], 4, true]);
});
