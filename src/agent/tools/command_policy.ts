// Whether a command runs at once, after a question, or not at all, and whether in the sandbox. Pure: rules first, then
// what the command is known to do, then the approval policy. Specified by the recorded approvals of the reference.
import type { CommandInspection } from "../../exec/command_inspection.ts";
import { evaluateRules, proposedAmendment, type RuleVerdict } from "../../exec/rules.ts";
import type { PrefixRule } from "../../exec/rules_file.ts";
import type { AskForApproval } from "../../protocol/types/policy.ts";

export interface CommandRequest {
  readonly inspection: CommandInspection;
  readonly rules: readonly PrefixRule[];
  readonly approvalPolicy: AskForApproval;
  /** The turn's policy has a sandbox. */
  readonly hasSandbox: boolean;
  /** The model asks to leave it. */
  readonly wantsEscalation: boolean;
  readonly justification: string | null;
  readonly prefixRule: readonly string[] | null;
}

/** What happens when the sandbox stops the command. */
export type OnDenied = "report" | "ask" | "rerun";

export type CommandJudgement =
  | { readonly type: "run"; readonly inSandbox: boolean; readonly onDenied: OnDenied }
  | {
    readonly type: "ask";
    readonly reason: string | null;
    readonly amendment: readonly string[] | null;
    /** Once allowed. */
    readonly inSandbox: boolean;
    readonly onDenied: OnDenied;
  }
  | { readonly type: "refuse"; readonly why: string };

export function judgeCommand(request: CommandRequest): CommandJudgement {
  const { inspection, rules, approvalPolicy, hasSandbox } = request;
  const escalates = request.wantsEscalation && hasSandbox;
  const inSandbox = hasSandbox && !escalates;
  const verdict = evaluateRules(rules, inspection);
  if (verdict !== null) return judgeByRule(verdict, { request, inSandbox });

  const ask: CommandJudgement = {
    type: "ask",
    reason: request.justification,
    amendment: proposedAmendment(inspection, request.prefixRule, rules),
    inSandbox,
    // Whoever allowed the command allowed what it does.
    onDenied: approvalPolicy === "untrusted" ? "rerun" : "report",
  };
  const run: CommandJudgement = {
    type: "run",
    inSandbox,
    onDenied: approvalPolicy === "on-failure" ? "ask" : "report",
  };
  if (escalates) {
    const refusal = refusalOfEscalation(approvalPolicy);
    return refusal === null ? ask : { type: "refuse", why: refusal };
  }
  if (inspection.knownSafe) return run;
  if (inspection.dangerous && approvalPolicy !== "never") return ask;
  return approvalPolicy === "untrusted" ? ask : run;
}

function judgeByRule(
  verdict: RuleVerdict,
  { request, inSandbox }: { request: CommandRequest; inSandbox: boolean },
): CommandJudgement {
  const words = verdict.matchedPrefix.join(" ");
  const because = verdict.justification === null ? "" : `: ${verdict.justification}`;
  switch (verdict.decision) {
    case "forbidden":
      return { type: "refuse", why: `a rule forbids \`${words}\`${because}` };
    case "allow":
      // wire: what a rule allows runs outside of the sandbox.
      return { type: "run", inSandbox: false, onDenied: "report" };
    case "prompt":
      if (!mayAskForRules(request.approvalPolicy)) {
        return {
          type: "refuse",
          why: `a rule wants \`${words}\` to be asked about, and nobody may be asked${because}`,
        };
      }
      return {
        type: "ask",
        reason: request.justification ?? verdict.justification,
        amendment: null,
        inSandbox,
        onDenied: "report",
      };
  }
}

function mayAskForRules(policy: AskForApproval): boolean {
  return typeof policy === "object" ? policy.granular.rules : policy !== "never";
}

function refusalOfEscalation(policy: AskForApproval): string | null {
  if (typeof policy === "object") {
    return policy.granular.sandbox_approval ? null : "requests to leave the sandbox are switched off";
  }
  return policy === "never" || policy === "on-failure"
    ? `the approval policy is ${policy}: do not ask to leave the sandbox`
    : null;
}
