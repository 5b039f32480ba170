// Landlock, the kernel's access rules that a process lays on itself: what the kernel knows of it, and a ruleset put into
// force. Which rules is the caller's business. Source: landlock(7).
import { CodexError } from "../base/errors.ts";
import { errnoOf } from "./glibc.ts";
import { O_CLOEXEC } from "./linux_flags.ts";
import { toCString } from "./process_calls.ts";
import type { RestrictCalls } from "./restrict_calls.ts";

export interface LandlockRuleset {
  /** Rights on files that are refused where no rule grants them. */
  readonly handledFiles: bigint;
  /** The same for TCP ports. No rule grants any. */
  readonly handledPorts: bigint;
  /** Kinds of things outside of the ruleset's processes that are out of reach. */
  readonly scoped: bigint;
  readonly rules: readonly { readonly place: string | number; readonly rights: bigint }[];
}

const SYS_CREATE_RULESET = 444n;
const SYS_ADD_RULE = 445n;
const SYS_RESTRICT_SELF = 446n;
const CREATE_RULESET_VERSION = 1n;
const RULE_PATH_BENEATH = 1n;
const RULE_BYTES = 12;
const RULESET_BYTES = 24;
const O_PATH = 0o10000000;
const ENOENT = 2;

/** The version of the interface, 1 and up; 0 when the kernel has no Landlock or does not use it. */
export function landlockVersion(calls: RestrictCalls): number {
  return Math.max(0, Number(calls.createRuleset(SYS_CREATE_RULESET, null, 0n, CREATE_RULESET_VERSION)));
}

/**
 * The ruleset holds for this thread and the program that it becomes. A place that does not exist (any more) is passed
 * over: nothing is granted there.
 *
 * @throws CodexError SANDBOX_UNAVAILABLE
 */
export function enforceRuleset(
  calls: RestrictCalls,
  { handledFiles, handledPorts, scoped, rules }: LandlockRuleset,
): void {
  const attributes = new Uint8Array(BigUint64Array.of(handledFiles, handledPorts, scoped).buffer);
  // An older kernel refuses what is longer than it knows, unless the rest is zero.
  const ruleset = Number(calls.createRuleset(SYS_CREATE_RULESET, attributes, BigInt(RULESET_BYTES), 0n));
  if (ruleset < 0) throw failure(calls, "make a Landlock ruleset");
  for (const { place, rights } of rules) {
    const fd = typeof place === "number" ? place : calls.open(toCString(place), O_PATH | O_CLOEXEC);
    if (fd < 0 && errnoOf(calls) === ENOENT) continue;
    if (fd < 0) throw failure(calls, `open "${place}" for a Landlock rule`);
    const rule = new Uint8Array(RULE_BYTES);
    const view = new DataView(rule.buffer);
    view.setBigUint64(0, rights, true);
    view.setInt32(8, fd, true);
    if (calls.addRule(SYS_ADD_RULE, BigInt(ruleset), RULE_PATH_BENEATH, rule, 0n) !== 0n) {
      throw failure(calls, `make a Landlock rule for "${place}"`);
    }
    if (typeof place === "string") calls.close(fd);
  }
  if (calls.restrictSelf(SYS_RESTRICT_SELF, BigInt(ruleset), 0n) !== 0n) {
    throw failure(calls, "enforce a Landlock ruleset");
  }
  calls.close(ruleset);
}

function failure(calls: RestrictCalls, what: string): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot ${what}: error ${errnoOf(calls)} of the system`);
}
