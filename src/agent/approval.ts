// Asking a person, in the order that clients know: for a command the status changes, then its item starts, then the
// request; for a patch the item starts first. The item of a refused call is finished while the status still says that
// somebody is waited for.
import type {
  CommandExecutionApprovalDecision,
  CommandExecutionRequestApprovalParams,
  FileChangeRequestApprovalParams,
} from "../protocol/types/approval.ts";
import type { ThreadItem } from "../protocol/types/item.ts";
import type { ApprovalPort } from "./ports.ts";
import type { StatusTracker } from "./thread_status.ts";
import type { Turn } from "./turn.ts";

export type CommandItem = Extract<ThreadItem, { type: "commandExecution" }>;
export type FileChangeItem = Extract<ThreadItem, { type: "fileChange" }>;

/** What a person's answer means for the call: go, go on without it, or end the turn. */
export type Verdict =
  | { readonly type: "accepted"; readonly forSession: boolean; readonly amendment: readonly string[] | null }
  | { readonly type: "declined" }
  | { readonly type: "cancelled" }
  /** Nobody could answer. */
  | { readonly type: "unanswered" };

/** A decision that is not known counts as a refusal. */
function toVerdict(decision: CommandExecutionApprovalDecision | undefined): Verdict {
  if (decision === undefined) return { type: "unanswered" };
  if (decision === "accept") return { type: "accepted", forSession: false, amendment: null };
  if (decision === "acceptForSession") return { type: "accepted", forSession: true, amendment: null };
  if (decision === "cancel") return { type: "cancelled" };
  if (typeof decision === "object" && "acceptWithExecpolicyAmendment" in decision) {
    const amendment = decision.acceptWithExecpolicyAmendment.execpolicy_amendment;
    return { type: "accepted", forSession: false, amendment };
  }
  return { type: "declined" };
}

/** The status of the item of a call that does not run. */
function refusedStatus(verdict: Verdict): "declined" | "failed" {
  return verdict.type === "unanswered" ? "failed" : "declined";
}

/** The same for a question that got no answer because of an interruption, or of a fault. */
function unaskedStatus(turn: Turn): "declined" | "failed" {
  return turn.signal.aborted ? "declined" : "failed";
}

export interface AskContext {
  readonly turn: Turn;
  readonly status: StatusTracker;
  readonly approvals: ApprovalPort;
}

export interface CommandQuestion {
  readonly item: CommandItem;
  /** The item was announced before (a second question about the same command). */
  readonly isStarted: boolean;
  readonly reason: string | null;
  readonly proposedAmendment: readonly string[] | null;
}

function commandParams(turn: Turn, question: CommandQuestion): CommandExecutionRequestApprovalParams {
  const { item, reason, proposedAmendment } = question;
  const amendment = proposedAmendment === null ? null : [...proposedAmendment];
  return {
    threadId: turn.threadId,
    turnId: turn.id,
    itemId: item.id,
    ...(reason === null ? {} : { reason }),
    command: item.command,
    cwd: item.cwd,
    commandActions: item.commandActions,
    ...(amendment === null ? {} : { proposedExecpolicyAmendment: amendment }),
    availableDecisions: [
      "accept",
      ...(amendment === null ? [] : [{ acceptWithExecpolicyAmendment: { execpolicy_amendment: amendment } }]),
      "cancel",
    ],
  };
}

/**
 * Asks about a command. A refused first question finishes the item; a refused second one leaves it to the caller.
 * Rejects with the turn's abort reason; the item is then finished as declined.
 */
export async function askCommand(context: AskContext, question: CommandQuestion): Promise<Verdict> {
  const { turn, status, approvals } = context;
  status.approvalOpened();
  if (!question.isStarted) turn.startItem(question.item);
  try {
    const params = commandParams(turn, question);
    const asking = approvals.ask(turn.threadId, "item/commandExecution/requestApproval", params, turn.signal);
    const answer = await asking.catch(async (error) => {
      if (!question.isStarted) await turn.completeItem({ ...question.item, status: unaskedStatus(turn) });
      throw error;
    });
    const verdict = toVerdict(answer?.decision);
    if (verdict.type !== "accepted" && !question.isStarted) {
      await turn.completeItem({ ...question.item, status: refusedStatus(verdict) });
    }
    return verdict;
  } finally {
    status.approvalClosed({ silent: turn.signal.aborted });
  }
}

/** Asks about a patch whose item is started. A refusal finishes the item. Rejects as `askCommand` does. */
export async function askPatch(context: AskContext, item: FileChangeItem): Promise<Verdict> {
  const { turn, status, approvals } = context;
  status.approvalOpened();
  try {
    const params: FileChangeRequestApprovalParams = {
      threadId: turn.threadId,
      turnId: turn.id,
      itemId: item.id,
      reason: null,
      grantRoot: null,
    };
    const asking = approvals.ask(turn.threadId, "item/fileChange/requestApproval", params, turn.signal);
    const answer = await asking.catch(async (error) => {
      await turn.completeItem({ ...item, status: unaskedStatus(turn) });
      throw error;
    });
    const verdict = toVerdict(answer?.decision);
    if (verdict.type !== "accepted") await turn.completeItem({ ...item, status: refusedStatus(verdict) });
    return verdict;
  } finally {
    status.approvalClosed({ silent: turn.signal.aborted });
  }
}
