// One plan per mode, as the tests of the macOS sandbox name them.
import {
  FULL_NETWORK,
  type NetworkRules,
  NO_NETWORK,
  planSandbox,
  type SandboxPlan,
} from "../../../../src/sandbox/plan.ts";
import { seatbeltProfile } from "../../../../src/sandbox/macos/seatbelt_text.ts";
import { type ParsedRule, parseProfile } from "../../../support/seatbelt/parse.ts";
import { NO_HOSTS } from "../../../support/sandbox_plans.ts";

export const CODEX_HOME = "/Users/ann/.codex";
export const WORKSPACE = "/Users/ann/ws";

const RULES: NetworkRules = {
  ...NO_HOSTS,
  domains: [{ pattern: "example.com", access: "allow" }],
};

function planned(policy: Parameters<typeof planSandbox>[0], allowGitWrites = false): SandboxPlan {
  const tmpdir = "/var/folders/zz/abc/T";
  const extras = { allowGitWrites, unixSockets: [], loopbackPorts: [] };
  const plan = planSandbox(policy, { cwd: WORKSPACE, tmpdir, codexHome: CODEX_HOME, home: "/Users/ann", extras });
  if (plan === null) throw new TypeError("this policy has no plan");
  return plan;
}

const writing = planned({ type: "workspaceWrite" });
const nothing: SandboxPlan = { ...planned({ type: "readOnly" }), network: NO_NETWORK };

/** Modes, each a file in golden/. */
export const PLANS = {
  "read_only": nothing,
  "workspace_write": writing,
  "git_writes": planned({ type: "workspaceWrite" }, true),
  "workspace_write_network": { ...writing, network: FULL_NETWORK },
  "restricted_reads": {
    ...writing,
    readable: { everything: false, platform: true, roots: ["/opt/data", `${WORKSPACE}/docs`] },
  },
  "few_reads": {
    ...nothing,
    readable: { everything: false, platform: false, roots: ["/opt/data"] },
  },
  "hidden": {
    ...writing,
    writable: [...writing.writable, `${WORKSPACE}/secret/out`],
    readable: { ...writing.readable, roots: [`${WORKSPACE}/secret/public`] },
    hidden: [`${WORKSPACE}/secret`, "/Users/ann/.ssh"],
    hiddenPatterns: [`${WORKSPACE}/**/*.env`, `${WORKSPACE}/keys/*.pem`, "/tmp/k[0-9]?/**"],
  },
  "proxy": {
    ...writing,
    network: { access: "proxy", unixSockets: ["/var/run/docker.sock"], loopbackPorts: [5432], rules: RULES },
  },
  "proxy_local_servers": {
    ...nothing,
    network: {
      access: "proxy",
      unixSockets: [],
      loopbackPorts: [],
      rules: { ...RULES, allowLocalBinding: true },
    },
  },
  "sockets_without_network": {
    ...nothing,
    network: { access: "none", unixSockets: ["/private/tmp/agent.sock"], loopbackPorts: [8080] },
  },
  "network_named_sockets": {
    ...nothing,
    network: { access: "full", unixSockets: ["/var/run/docker.sock"], loopbackPorts: [] },
  },
  "whole_disk": { ...writing, writable: ["/"], protected: ["/.git", CODEX_HOME] },
} as const satisfies Record<string, SandboxPlan>;

export type PlanName = keyof typeof PLANS;
export const PLAN_NAMES = Object.keys(PLANS) as PlanName[];
export const PROXY_PORTS = [3128, 1080];

export function profileOf(name: PlanName): ReturnType<typeof seatbeltProfile> {
  return seatbeltProfile(PLANS[name], PLANS[name].network.access === "proxy" ? { proxyPorts: PROXY_PORTS } : {});
}

export function rulesOf(name: PlanName, unknown: readonly string[] = []): readonly ParsedRule[] {
  const { text, parameters } = profileOf(name);
  return parseProfile(text, { parameters, unknown });
}
