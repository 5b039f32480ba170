// The plan that lets a command look and change nothing, and proxy rules that allow no host: tests say what they change.
import { type NetworkRules, NO_NETWORK, type SandboxPlan } from "../../src/sandbox/plan.ts";

export const READ_ONLY_PLAN: SandboxPlan = {
  readable: { everything: true, platform: true, roots: [] },
  writable: [],
  protected: [],
  hidden: [],
  hiddenPatterns: [],
  network: NO_NETWORK,
  cwd: "/ws",
};

export const NO_HOSTS: NetworkRules = {
  mode: "full",
  domains: [],
  httpListen: null,
  socksListen: null,
  useUpstreamProxy: false,
  allowLocalBinding: false,
  allowNonLoopbackListen: false,
};
