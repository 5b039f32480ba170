// A question of the agent, as every front end needs it: what is asked, and which answers the server offers. Parsing is
// strict where an answer could grant something and forgiving elsewhere.
import { Compile } from "typebox/compile";
import { CommandExecutionRequestApprovalParams, FileChangeRequestApprovalParams } from "../protocol/types/approval.ts";
import type { CommandExecutionApprovalDecision, FileChangeApprovalDecision } from "../protocol/types/approval.ts";
import type { RequestId } from "../rpc/message.ts";
import type { ServerAsk } from "./app_server_client.ts";

interface ApprovalBase {
  readonly requestId: RequestId;
  readonly threadId: string;
  readonly turnId: string;
  readonly itemId: string;
  readonly reason: string | null;
}

export interface CommandApproval extends ApprovalBase {
  readonly kind: "command";
  readonly command: string | null;
  readonly cwd: string | null;
  readonly host: string | null;
  readonly decisions: readonly CommandExecutionApprovalDecision[];
}

export interface PatchApproval extends ApprovalBase {
  readonly kind: "patch";
  readonly grantRoot: string | null;
  readonly decisions: readonly FileChangeApprovalDecision[];
}

export type Approval = CommandApproval | PatchApproval;
export type ApprovalDecision = CommandExecutionApprovalDecision | FileChangeApprovalDecision;

/** What a server that names no answers takes. */
const COMMAND_DECISIONS: readonly CommandExecutionApprovalDecision[] = ["accept", "cancel"];
const PATCH_DECISIONS: readonly FileChangeApprovalDecision[] = ["accept", "acceptForSession", "cancel"];

/** The approval in a server's request, or null when it is some other request or cannot be read. */
export function findApproval(ask: ServerAsk): Approval | null {
  const { id: requestId, method, params } = ask;
  if (method === "item/commandExecution/requestApproval") {
    if (!Compile(CommandExecutionRequestApprovalParams).Check(params)) return null;
    const offered = params.availableDecisions ?? withAmendment(params.proposedExecpolicyAmendment ?? null);
    return {
      kind: "command",
      requestId,
      ...ids(params),
      command: params.command ?? null,
      cwd: params.cwd ?? null,
      host: params.networkApprovalContext?.host ?? null,
      decisions: offered.length > 0 ? offered : COMMAND_DECISIONS,
    };
  }
  if (method === "item/fileChange/requestApproval") {
    if (!Compile(FileChangeRequestApprovalParams).Check(params)) return null;
    return {
      kind: "patch",
      requestId,
      ...ids(params),
      grantRoot: params.grantRoot ?? null,
      decisions: PATCH_DECISIONS,
    };
  }
  return null;
}

function withAmendment(prefix: readonly string[] | null): readonly CommandExecutionApprovalDecision[] {
  if (prefix === null) return COMMAND_DECISIONS;
  return ["accept", { acceptWithExecpolicyAmendment: { execpolicy_amendment: [...prefix] } }, "cancel"];
}

function ids(
  params: { threadId: string; turnId: string; itemId: string; reason?: string | null },
): { threadId: string; turnId: string; itemId: string; reason: string | null } {
  return { threadId: params.threadId, turnId: params.turnId, itemId: params.itemId, reason: params.reason ?? null };
}
