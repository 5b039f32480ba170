// Permission profiles as plans and as the policies that clients see. The policies are those that the reference answers.
import assert from "node:assert/strict";
import type { SandboxPolicy } from "../../../src/protocol/types/policy.ts";
import { type FileRule, NO_PROFILE_NETWORK, planProfile, policyOfProfile } from "../../../src/sandbox/grants.ts";
import type { ProfileNetwork } from "../../../src/sandbox/grants.ts";
import { type NetworkRules, NO_NETWORK, type PlanContext, type SandboxPlan } from "../../../src/sandbox/plan.ts";
import { NO_HOSTS, READ_ONLY_PLAN } from "../../support/sandbox_plans.ts";

const CONTEXT: PlanContext = { cwd: "/ws", tmpdir: "/var/tmp/me", codexHome: "/home/me/.codex", home: "/home/me" };

const root = (access: FileRule["access"]): FileRule => ({ target: { kind: "root" }, access });
const minimal = (access: FileRule["access"]): FileRule => ({ target: { kind: "minimal" }, access });
const tmpdir = (access: FileRule["access"]): FileRule => ({ target: { kind: "tmpdir" }, access });
const project = (access: FileRule["access"], below: string | null = null): FileRule => ({
  target: { kind: "projectRoots", below },
  access,
});
const path = (text: string, access: FileRule["access"]): FileRule => ({ target: { kind: "path", path: text }, access });

const MEMORIES = "/home/me/.codex/memories";
const EMPTY: SandboxPlan = {
  ...READ_ONLY_PLAN,
  readable: { everything: false, platform: false, roots: [] },
};
const EVERYTHING = { everything: true, platform: true, roots: [] };

function names(...roots: string[]): string[] {
  return roots.flatMap((folder) => [".agents", ".codex", ".git"].map((name) => `${folder}/${name}`)).sort();
}

const PLANS: readonly (readonly [name: string, files: readonly FileRule[], plan: Partial<SandboxPlan>])[] = [
  ["nothing", [], {}],
  [":root read", [root("read")], { readable: EVERYTHING }],
  [":root none", [root("none"), minimal("read")], { readable: { everything: false, platform: true, roots: [] } }],
  [":minimal read", [minimal("read")], { readable: { everything: false, platform: true, roots: [] } }],
  [":minimal write is read", [minimal("write")], { readable: { everything: false, platform: true, roots: [] } }],
  [":tmpdir write", [root("read"), tmpdir("write")], {
    readable: EVERYTHING,
    writable: ["/var/tmp/me"],
    protected: names("/var/tmp/me"),
  }],
  [":project_roots write", [root("read"), project("write")], {
    readable: EVERYTHING,
    writable: [MEMORIES, "/ws"],
    protected: names(MEMORIES, "/ws"),
  }],
  ["read inside of what may be written", [minimal("read"), project("write"), project("read", "docs")], {
    readable: { everything: false, platform: true, roots: ["/ws/docs"] },
    writable: [MEMORIES, "/ws"],
    protected: [...names(MEMORIES, "/ws"), "/ws/docs"].sort(),
  }],
  ["write inside of what may only be read", [root("read"), project("read"), project("write", "out/a")], {
    readable: EVERYTHING,
    writable: ["/ws/out/a"],
    protected: names("/ws/out/a"),
  }],
  ["hidden inside of what may be written", [root("read"), project("write"), project("none", "secret")], {
    readable: EVERYTHING,
    writable: [MEMORIES, "/ws"],
    protected: names(MEMORIES, "/ws"),
    hidden: ["/ws/secret"],
  }],
  ["a part of a hidden folder opened", [root("read"), path("/srv", "none"), path("/srv/a", "read")], {
    readable: { everything: true, platform: true, roots: ["/srv/a"] },
    hidden: ["/srv"],
  }],
  ["a pattern", [root("read"), project("none", "**/*.env"), path("/srv/*.key", "none")], {
    readable: EVERYTHING,
    hiddenPatterns: ["/srv/*.key", "/ws/**/*.env"],
  }],
  ["none wins at one path", [root("read"), project("write"), path("/ws", "none")], {
    readable: EVERYTHING,
    hidden: ["/ws"],
  }],
  ["a protected name opened by name", [root("read"), project("write"), project("write", ".git")], {
    readable: EVERYTHING,
    writable: [MEMORIES, "/ws", "/ws/.git"],
    protected: [
      ...names(MEMORIES),
      "/ws/.agents",
      "/ws/.codex",
      ...names("/ws/.git"),
    ].sort(),
  }],
];

for (const [name, files, plan] of PLANS) {
  Deno.test(`planProfile() ${name}`, () => {
    assert.deepEqual(planProfile({ name: "p", files, network: NO_PROFILE_NETWORK }, CONTEXT), { ...EMPTY, ...plan });
  });
}

for (const dir of ["/", "/home/me", "/home", "relative"]) {
  Deno.test(`planProfile() :tmpdir opens nothing when TMPDIR is ${dir}`, () => {
    const profile = { name: "p", files: [root("read"), tmpdir("write")], network: NO_PROFILE_NETWORK };
    assert.deepEqual(planProfile(profile, { ...CONTEXT, tmpdir: dir }).writable, []);
  });
}

const RULES: NetworkRules = {
  ...NO_HOSTS,
  mode: "limited",
  domains: [{ pattern: "x.org", access: "allow" }],
  socksListen: "off",
};
const NETWORKS: readonly (readonly [name: string, network: Partial<ProfileNetwork>, plan: unknown])[] = [
  ["none", {}, NO_NETWORK],
  ["sockets without a network", { unixSockets: ["/run/s"], loopbackPorts: [80] }, {
    access: "none",
    unixSockets: ["/run/s"],
    loopbackPorts: [80],
  }],
  ["all of it", { enabled: true }, { access: "full", unixSockets: "all", loopbackPorts: [] }],
  ["rules", { enabled: true, rules: RULES }, { access: "proxy", rules: RULES, unixSockets: [], loopbackPorts: [] }],
  ["rules that are off", { rules: RULES }, NO_NETWORK],
];
for (const [name, network, plan] of NETWORKS) {
  Deno.test(`planProfile() network: ${name}`, () => {
    const profile = { name: "p", files: [], network: { ...NO_PROFILE_NETWORK, ...network } };
    assert.deepEqual(planProfile(profile, CONTEXT).network, plan);
  });
}

const workspaceWrite: Extract<SandboxPolicy, { type: "workspaceWrite" }> = {
  type: "workspaceWrite",
  writableRoots: [MEMORIES],
  readOnlyAccess: { type: "fullAccess" },
  networkAccess: false,
  excludeTmpdirEnvVar: true,
  excludeSlashTmp: true,
};
const restricted = (includePlatformDefaults: boolean, ...readableRoots: string[]) =>
  ({ type: "restricted", includePlatformDefaults, readableRoots }) as const;

const POLICIES: readonly (readonly [name: string, files: readonly FileRule[], policy: SandboxPolicy])[] = [
  ["nothing", [], { type: "readOnly", access: restricted(false), networkAccess: false }],
  [":root read", [root("read")], { type: "readOnly", access: { type: "fullAccess" }, networkAccess: false }],
  [":root write", [root("write")], { type: "externalSandbox", networkAccess: "restricted" }],
  [":minimal", [minimal("read")], { type: "readOnly", access: restricted(true), networkAccess: false }],
  ["project write", [root("read"), project("write")], workspaceWrite],
  ["the workspace by its path", [root("read"), path("/ws", "write")], workspaceWrite],
  ["minimal, project and tmpdir", [minimal("read"), project("write"), tmpdir("write")], {
    ...workspaceWrite,
    readOnlyAccess: restricted(true),
    excludeTmpdirEnvVar: false,
  }],
  ["a part that is only read", [minimal("read"), project("write"), project("read", "docs"), project("none", "s")], {
    ...workspaceWrite,
    readOnlyAccess: restricted(true, "/ws/docs"),
  }],
  ["a folder elsewhere", [root("read"), project("write"), path("/opt/x", "write")], {
    ...workspaceWrite,
    writableRoots: ["/opt/x", MEMORIES],
  }],
];
for (const [name, files, policy] of POLICIES) {
  Deno.test(`policyOfProfile() ${name}`, () => {
    assert.deepEqual(policyOfProfile({ name: "p", files, network: NO_PROFILE_NETWORK }, CONTEXT), policy);
  });
}

Deno.test("policyOfProfile() the whole disk and the network is no sandbox", () => {
  const network = { ...NO_PROFILE_NETWORK, enabled: true };
  const policy = policyOfProfile({ name: "p", files: [root("write")], network }, CONTEXT);
  assert.deepEqual(policy, { type: "dangerFullAccess" });
});
