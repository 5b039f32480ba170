// Was it the sandbox that made a command fail, and by which rule? What the command printed names a path or a host; the
// plan says whether that is refused. What the plan allows was refused by somebody else. Pure.
import { isInside } from "../base/absolute_path.ts";
import type { NetworkDecision } from "./network_proxy/network_decision.ts";
import type { SandboxPlan } from "./plan.ts";
import { accessInPlan } from "./plan_access.ts";
import { findRefusals, type Refusal } from "./refusal_lines.ts";

export interface DenialEvidence {
  readonly exitCode: number;
  readonly output: string;
  /** Where the command ran. */
  readonly cwd: string;
  readonly networkDecisions: readonly NetworkDecision[];
  /** How the kernel refuses: a read-only mount, or an access rule (Landlock, Seatbelt, a token). Default mounts. */
  readonly means?: "mounts" | "rules";
}

export interface Denial {
  /** What was tried: "write to /etc/x". */
  readonly what: string;
  /** The rule that refused it: "outside the writable folders". */
  readonly rule: string;
  /** What a person can do about it, or null. */
  readonly remedy: string | null;
}

/** Usage error, not executable, not found: the command's own trouble, unless a path shows otherwise. */
const OWN_TROUBLE = [2, 126, 127];
/** A stage of ours could not do its part. */
const NOT_CONFINED = 125;
const KILLED_BY_SECCOMP = 128 + 31;
const NETWORK_CALL = /connect|socket|\bbind\b|listen|getaddrinfo|urlopen|dial|ping|resolve/i;
const MAX_DENIALS = 5;

/** Empty: nothing shows that it was the sandbox. */
export function explainDenial(plan: SandboxPlan, evidence: DenialEvidence): readonly Denial[] {
  const { exitCode, output, cwd, networkDecisions } = evidence;
  if (exitCode === 0) return [];
  const found: (Denial | null)[] = findRefusals(output, cwd).map((refusal) => explain(plan, refusal, evidence));
  found.push(...explainDecisions(networkDecisions));
  const launcher = /^bwrap: (.+)$/m.exec(output)?.[1] ??
    (exitCode === NOT_CONFINED ? /^sandbox: (.+)$/m.exec(output)?.[1] : undefined);
  if (launcher !== undefined) found.push({ what: "the start of the sandbox", rule: launcher, remedy: null });
  if (exitCode === KILLED_BY_SECCOMP) found.push(SYSTEM_CALL);
  const each = new Map(found.filter((denial) => denial !== null).map((denial) => [denialText(denial), denial]));
  return [...each.values()].slice(0, MAX_DENIALS);
}

/** One line: `write to /etc/x refused: outside the writable folders; add it with --add-dir`. */
export function denialText({ what, rule, remedy }: Denial): string {
  return `${what} refused: ${rule}${remedy === null ? "" : `; ${remedy}`}`;
}

const SYSTEM_CALL: Denial = {
  what: "a system call",
  rule: "mounts, namespaces, tracing and the like are not for sandboxed commands",
  remedy: null,
};

function explain(plan: SandboxPlan, refusal: Refusal, evidence: DenialEvidence): Denial | null {
  const { kind, path, host, line } = refusal;
  switch (kind) {
    case "readOnly":
      return path === null ? writeDenial(plan, null) : writeDenial(plan, path);
    case "network":
      return plan.network.access === "none" ? networkDenial(host) : null;
    case "missing":
      // A plan that shows everything makes nothing disappear.
      return path === null || plan.readable.everything || evidence.means === "rules" ? null : readDenial(plan, path);
    case "denied":
      if (path === null) return null;
      return readDenial(plan, path) ?? (evidence.means === "rules" ? writeDenial(plan, path) : null);
    case "notPermitted":
      if (plan.network.access !== "full" && (NETWORK_CALL.test(line) || host !== null)) {
        return isSocketPath(path) ? socketDenial(plan, path) : networkDenial(host);
      }
      if (path !== null) {
        return readDenial(plan, path) ?? (evidence.means === "rules" ? writeDenial(plan, path) : null);
      }
      return OWN_TROUBLE.includes(evidence.exitCode) ? null : SYSTEM_CALL;
  }
}

function readDenial(plan: SandboxPlan, path: string): Denial | null {
  const access = accessInPlan(plan, path);
  if (access.kind !== "none") return null;
  const rule = access.hiddenBy === null ? "outside the readable folders" : `hidden by "${access.hiddenBy}"`;
  return { what: `access to ${path}`, rule, remedy: "open it in [permissions.NAME.filesystem]" };
}

function writeDenial(plan: SandboxPlan, path: string | null): Denial | null {
  if (path === null) {
    // Somewhere, something could not be written, and the command did not say what.
    return plan.writable.includes("/") ? null : {
      what: "a write",
      rule: plan.writable.length === 0 ? READ_ONLY : OUTSIDE,
      remedy: plan.writable.length === 0 ? ALLOW_WRITES : ADD_FOLDER,
    };
  }
  const access = accessInPlan(plan, path);
  const what = `write to ${path}`;
  if (access.kind === "write") return plan.writable.includes(path) ? { what, ...MISSING_ROOT } : null;
  if (access.kind === "read" && access.protectedBy !== null) {
    return { what, rule: `"${access.protectedBy}" is protected`, remedy: protectionRemedy(access.protectedBy) };
  }
  if (plan.writable.length === 0) return { what, rule: READ_ONLY, remedy: ALLOW_WRITES };
  return { what, rule: OUTSIDE, remedy: ADD_FOLDER };
}

/** A mount needs something to sit on. */
const MISSING_ROOT = { rule: "it was not there when the command started", remedy: "make it outside of the sandbox" };
const READ_ONLY = "the sandbox is read-only";
const ALLOW_WRITES = "allow writes to the workspace with --sandbox workspace-write";
const OUTSIDE = "outside the writable folders";
const ADD_FOLDER = "add its folder with --add-dir or sandbox_workspace_write.writable_roots";

function protectionRemedy(path: string): string | null {
  return path.endsWith("/.git") ? "sandbox_workspace_write.allow_git_writes = true opens it for commits" : null;
}

function networkDenial(host: string | null): Denial {
  return {
    what: `connection to ${host ?? "the network"}`,
    rule: "the sandbox has no network",
    remedy: "sandbox_workspace_write.network_access = true opens it, [permissions.NAME.network] for single hosts",
  };
}

function isSocketPath(path: string | null): path is string {
  return path !== null &&
    (/\.sock(et)?$|\/agent\.\d+$/.test(path) || isInside(path, "/run") || isInside(path, "/var/run"));
}

function socketDenial({ network }: SandboxPlan, path: string): Denial | null {
  if (network.unixSockets === "all" || network.unixSockets.includes(path)) return null;
  return {
    what: `connection to ${path}`,
    rule: "the socket is not on the list",
    remedy: "add it to sandbox_workspace_write.allow_unix_sockets or [permissions.NAME.network.unix_sockets]",
  };
}

/** What our proxies refused, whatever became of the command. */
export function explainDecisions(decisions: readonly NetworkDecision[]): readonly Denial[] {
  return decisions.filter(({ decision }) => decision === "deny").map(proxyDenial);
}

function proxyDenial({ host, port, why }: NetworkDecision): Denial {
  return {
    what: `connection to ${host}:${port}`,
    rule: why,
    remedy: why === "in no rule" ? `add "${host}" = "allow" to [permissions.NAME.network.domains]` : null,
  };
}
