// The error that people read: a stable code, a message, what to do next. Rooms make subclasses only where a caller
// handles one apart. Expected outcomes (a denied approval, a non-zero exit) are values, not errors.

/** Every code that a `CodexError` can carry; a new one is added here so that a `switch` over them stays checked. */
export type CodexErrorCode =
  | "CONFIG_INVALID"
  | "CONFIG_UNREADABLE"
  | "HOME_UNUSABLE"
  | "USAGE"
  | "LISTEN_FAILED"
  | "CONNECT_FAILED"
  | "AUTH_SETUP"
  | "SERVICE_FAILED"
  | "SANDBOX_UNAVAILABLE"
  | "SANDBOX_UNSUPPORTED"
  | "EXEC_FAILED"
  | "PATCH_INVALID"
  | "PATCH_FAILED"
  | "STORE_FAILED"
  | "THREAD_NOT_FOUND"
  | "MODEL_FAILED"
  | "PROTOCOL"
  | "RPC";

export interface CodexErrorOptions {
  readonly cause?: unknown;
  /** One line: what the person can do about it. Printed after the message. */
  readonly hint?: string;
}

export class CodexError extends Error {
  override readonly name: string = "CodexError";
  readonly code: CodexErrorCode;
  readonly hint: string | undefined;

  constructor(code: CodexErrorCode, message: string, options: CodexErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** As `messageOf`, of an error of the system: without the call and the path that the runtime appends. */
export function systemMessageOf(thrown: unknown): string {
  return messageOf(thrown).replace(/: [a-z]+ '[^]*'$/, "");
}
