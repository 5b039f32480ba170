// The answers to a question of the agent, as rows with keys. Only what the server offers can be chosen.
import type { Approval, ApprovalDecision } from "../client/approval.ts";
import { cleanLine } from "./text/clean.ts";
import { unwrapCommand } from "./text/shell_command.ts";

export interface ApprovalOption {
  readonly label: string;
  readonly key: "y" | "p" | "a" | "d" | "n";
  readonly decision: ApprovalDecision;
}

export function approvalOptions(approval: Approval): readonly ApprovalOption[] {
  const options = approval.decisions.map((decision) => toOption(approval, decision));
  // Without a "cancel" the "no" key declines.
  if (options.some((option) => option.key === "n")) return options;
  return options.map((option) => (option.key === "d" ? { ...option, key: "n" as const } : option));
}

function toOption(approval: Approval, decision: ApprovalDecision): ApprovalOption {
  if (decision === "accept") {
    return {
      label: approval.kind === "command" ? "Yes, run it this time" : "Yes, make these edits",
      key: "y",
      decision,
    };
  }
  if (decision === "acceptForSession") {
    const what = approval.kind === "command" ? "this command" : "edits of these files";
    return { label: `Yes, and do not ask again for ${what} in this session`, key: "a", decision };
  }
  if (decision === "decline") return { label: "No, and let the agent go on without it", key: "d", decision };
  if (decision === "cancel") return { label: "No, stop and tell the agent what to do instead", key: "n", decision };
  if ("acceptWithExecpolicyAmendment" in decision) {
    const prefix = shorten(cleanLine(decision.acceptWithExecpolicyAmendment.execpolicy_amendment.join(" ")));
    return { label: `Yes, and always allow commands that begin with \`${prefix}\``, key: "p", decision };
  }
  const { action, host } = decision.applyNetworkPolicyAmendment.network_policy_amendment;
  return action === "allow"
    ? { label: `Yes, and always allow connections to ${cleanLine(host)}`, key: "p", decision }
    : { label: `No, and never allow connections to ${cleanLine(host)}`, key: "d", decision };
}

/** The answer of the Esc key. */
export function cancelDecision(approval: Approval): ApprovalDecision {
  const options = approvalOptions(approval);
  return (options.find((option) => option.key === "n") ?? { decision: "cancel" as const }).decision;
}

/** Characters of a command in a line that tells of it; the command itself is near. */
const MAX_SUBJECT_CHARS = 60;

function shorten(command: string): string {
  const characters = [...command];
  return characters.length <= MAX_SUBJECT_CHARS ? command : `${characters.slice(0, MAX_SUBJECT_CHARS - 1).join("")}…`;
}

/** One line for what was asked. */
export function subjectOf(approval: Approval): string {
  if (approval.kind === "patch") return "the edits";
  if (approval.command !== null) {
    return shorten(cleanLine(unwrapCommand(approval.command)));
  }
  return approval.host === null ? "the command" : `the connection to ${cleanLine(approval.host)}`;
}

/** What the transcript keeps of an answer. */
export function describeAnswer(approval: Approval, decision: ApprovalDecision): { good: boolean; text: string } {
  const subject = subjectOf(approval);
  if (decision === "accept") return { good: true, text: `You allowed ${subject} this time` };
  if (decision === "acceptForSession") return { good: true, text: `You allowed ${subject} for this session` };
  if (decision === "decline") return { good: false, text: `You declined ${subject}` };
  if (decision === "cancel") return { good: false, text: `You refused ${subject}` };
  if ("acceptWithExecpolicyAmendment" in decision) {
    const prefix = shorten(cleanLine(decision.acceptWithExecpolicyAmendment.execpolicy_amendment.join(" ")));
    return { good: true, text: `You allowed every command that begins with ${prefix}` };
  }
  const { action, host } = decision.applyNetworkPolicyAmendment.network_policy_amendment;
  return { good: action === "allow", text: `You set the rule for ${cleanLine(host)}: ${action}` };
}
