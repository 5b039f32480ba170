// A plan as a Seatbelt profile: the fixed parts of sandbox_profiles/, which reviewers read, the plan's own rules between
// them, and the values of their parameters. Pure, so that it can be printed and tested anywhere. Links are resolved by
// whoever calls. Specified by sandbox_profiles/README.md; the rules are evaluated in tests/unit/sandbox/macos.
import base from "../../../sandbox_profiles/seatbelt_base.sbpl" with { type: "text" };
import devices from "../../../sandbox_profiles/seatbelt_devices.sbpl" with { type: "text" };
import networkServices from "../../../sandbox_profiles/seatbelt_network.sbpl" with { type: "text" };
import platform from "../../../sandbox_profiles/seatbelt_platform.sbpl" with { type: "text" };
import type { SandboxPlan } from "../plan.ts";
import { fileRules } from "./file_rules.ts";
import { networkRules } from "./network_rules.ts";
import { LOG_TAG, Parameters, type Rule, ruleText } from "./rule_text.ts";

/** Only ever this one: a `sandbox-exec` that a PATH finds first could be anybody's. */
export const SANDBOX_EXEC = "/usr/bin/sandbox-exec";

export interface SeatbeltProfile {
  readonly text: string;
  readonly parameters: readonly (readonly [key: string, value: string])[];
}

export interface SeatbeltOptions {
  /** Where our own proxies listen on the loopback address; for plans whose network is a proxy. */
  readonly proxyPorts?: readonly number[];
  /** Every denial's line in the system's log ends with it. */
  readonly logTag?: string;
}

/** The line of the base that a tag goes into. */
const CLOSED = "(deny default)";

/** @throws CodexError SANDBOX_UNAVAILABLE for a plan that the language cannot express. */
export function seatbeltProfile(plan: SandboxPlan, options: SeatbeltOptions = {}): SeatbeltProfile {
  const tag = options.logTag ?? null;
  if (tag !== null && !LOG_TAG.test(tag)) throw new RangeError(`Cannot mark denials in the log: bad tag "${tag}"`);
  const parameters = new Parameters();
  const files = fileRules(plan, parameters);
  const network = networkRules(plan.network, { proxyPorts: options.proxyPorts ?? [], parameters });
  const { readable } = plan;
  const sections = [
    tag === null ? base : base.replace(CLOSED, `(deny default (with message "${tag}"))`),
    ...(!readable.everything && readable.platform ? [platform] : []),
    section("The plan's files.", files, tag),
    devices,
    ...(plan.network.access === "none" ? [] : [networkServices]),
    ...(network.length === 0 ? [] : [section("The plan's network.", network, tag)]),
  ];
  return { text: sections.map((part) => part.trim()).join("\n\n") + "\n", parameters: parameters.entries };
}

/** The command line that runs `command` in a profile. Each value is an argument of its own. */
export function seatbeltArguments(profile: SeatbeltProfile, command: readonly string[]): readonly string[] {
  const values = profile.parameters.map(([key, value]) => `-D${key}=${value}`);
  return [SANDBOX_EXEC, "-p", profile.text, ...values, "--", ...command];
}

function section(title: string, rules: readonly Rule[], tag: string | null): string {
  return [`; ${title}`, ...rules.map((rule) => ruleText(rule, tag))].join("\n");
}
