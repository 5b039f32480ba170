// The table of server → client requests: what the agent asks its people.
import type { Static, TSchema } from "typebox";
import {
  CommandExecutionRequestApprovalParams,
  CommandExecutionRequestApprovalResponse,
  FileChangeRequestApprovalParams,
  FileChangeRequestApprovalResponse,
} from "./types/approval.ts";

export interface ServerRequestRow<P extends TSchema = TSchema, R extends TSchema = TSchema> {
  readonly params: P;
  readonly result: R;
  readonly doc: string;
}

export const serverRequests = {
  "item/commandExecution/requestApproval": {
    params: CommandExecutionRequestApprovalParams,
    result: CommandExecutionRequestApprovalResponse,
    doc: "May this command run (outside of the sandbox, or at all)?",
  },
  "item/fileChange/requestApproval": {
    params: FileChangeRequestApprovalParams,
    result: FileChangeRequestApprovalResponse,
    doc: "May this patch be applied?",
  },
} as const satisfies Record<string, ServerRequestRow>;

export type ServerRequestMethod = keyof typeof serverRequests;
export type ServerRequestParams<M extends ServerRequestMethod> = Static<(typeof serverRequests)[M]["params"]>;
export type ServerRequestResult<M extends ServerRequestMethod> = Static<(typeof serverRequests)[M]["result"]>;
