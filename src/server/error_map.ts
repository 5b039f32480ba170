// The one file where JSON-RPC errors are made: codes, and the texts that clients of this protocol may compare. An error
// nobody expected becomes an internal error with a log id; its stack stays in the log.
import { CodexError } from "../base/errors.ts";
import { INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR, SERVER_OVERLOADED } from "../rpc/error_codes.ts";
import type { RpcErrorBody } from "../rpc/message.ts";
import type { Malformed } from "../rpc/peer.ts";
import type { Log } from "../base/log.ts";

/** Thrown by a handler to answer with exactly this error. */
export class RequestRejected extends Error {
  override readonly name = "RequestRejected";
  readonly body: RpcErrorBody;

  constructor(body: RpcErrorBody) {
    super(body.message);
    this.body = body;
  }
}

// wire: the texts below are those of the reference.

export function notInitialized(): RpcErrorBody {
  return { code: INVALID_REQUEST, message: "Not initialized" };
}

export function alreadyInitialized(): RpcErrorBody {
  return { code: INVALID_REQUEST, message: "Already initialized" };
}

export function invalidRequest(reason: string): RpcErrorBody {
  return { code: INVALID_REQUEST, message: `Invalid request: ${reason}` };
}

/** `what` is a method, or a method and a field. */
export function needsExperimentalApi(what: string): RpcErrorBody {
  return { code: INVALID_REQUEST, message: `${what} requires experimentalApi capability` };
}

export function overloaded(): RpcErrorBody {
  return { code: SERVER_OVERLOADED, message: "Server overloaded; retry later." };
}

export function invalidClientName(name: string): RpcErrorBody {
  return {
    code: INVALID_REQUEST,
    message: `Invalid clientInfo.name: '${name}'. Must be a valid HTTP header value.`,
  };
}

export function threadNotFound(threadId: string): RpcErrorBody {
  return { code: INVALID_REQUEST, message: `thread not found: ${threadId}` };
}

export function threadNotLoaded(threadId: string): RpcErrorBody {
  return { code: INVALID_REQUEST, message: `thread not loaded: ${threadId}` };
}

export function noRollout(threadId: string): RpcErrorBody {
  return { code: INVALID_REQUEST, message: `no rollout found for thread id ${threadId}` };
}

export function noTurnsYet(threadId: string): RpcErrorBody {
  return {
    code: INVALID_REQUEST,
    message: `thread ${threadId} is not materialized yet; includeTurns is unavailable before first user message`,
  };
}

export function noTurnsOfEphemeral(): RpcErrorBody {
  return { code: INVALID_REQUEST, message: "ephemeral threads do not support includeTurns" };
}

export function invalidThreadId(reason: string): RpcErrorBody {
  return { code: INVALID_REQUEST, message: `invalid thread id: ${reason}` };
}

export function invalidCursor(cursor: string): RpcErrorBody {
  return { code: INVALID_REQUEST, message: `invalid cursor: ${cursor}` };
}

export function rejected(message: string): RpcErrorBody {
  return { code: INVALID_REQUEST, message };
}

export function inputTooLarge(maxChars: number, actualChars: number): RpcErrorBody {
  return {
    code: INVALID_PARAMS,
    message: `Input exceeds the maximum length of ${maxChars} characters.`,
    data: { input_error_code: "input_too_large", max_chars: maxChars, actual_chars: actualChars },
  };
}

export function internalError(message: string): RpcErrorBody {
  return { code: INTERNAL_ERROR, message };
}

function configLoadFailed(message: string): RpcErrorBody {
  return { code: INVALID_REQUEST, message: `failed to load configuration: ${message}` };
}

/** What could not be read as a message at all; the reference stays silent here, which leaves its clients waiting. */
export function unreadable(malformed: Malformed): RpcErrorBody {
  const code = malformed.problem === "syntax" ? PARSE_ERROR : INVALID_REQUEST;
  return { code, message: `Cannot read message: ${malformed.reason}` };
}

/** Anything that a handler threw, as the answer of its request. */
export function toRpcError(error: unknown, method: string, log: Log): RpcErrorBody {
  if (error instanceof RequestRejected) return error.body;
  if (error instanceof CodexError) return fromCodexError(error);
  const logId = crypto.randomUUID().slice(0, 8);
  log.error(`Cannot answer "${method}" (log id ${logId})`, { logId }, error);
  return internalError(`Internal error (log id ${logId})`);
}

function fromCodexError(error: CodexError): RpcErrorBody {
  const message = error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  switch (error.code) {
    // The caller asked for something that cannot be: its own doing.
    case "PROTOCOL":
    case "USAGE":
    case "THREAD_NOT_FOUND":
      return rejected(error.message);
    case "CONFIG_INVALID":
    case "CONFIG_UNREADABLE":
      return configLoadFailed(message);
    case "HOME_UNUSABLE":
    case "LISTEN_FAILED":
    case "CONNECT_FAILED":
    case "AUTH_SETUP":
    case "SERVICE_FAILED":
    case "SANDBOX_UNAVAILABLE":
    case "SANDBOX_UNSUPPORTED":
    case "EXEC_FAILED":
    case "PATCH_INVALID":
    case "PATCH_FAILED":
    case "STORE_FAILED":
    case "MODEL_FAILED":
    case "RPC":
      return internalError(message);
  }
}
