// The JSON-RPC error codes of this wire, named once. The server makes its errors in server/error_map.ts; clients
// receive them as `RpcError`.
import { CodexError } from "../base/errors.ts";
import type { RpcErrorBody } from "./message.ts";

export const PARSE_ERROR = -32700;
/** Also what this protocol answers to unknown methods and to params that cannot be decoded. */
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
export const SERVER_OVERLOADED = -32001;

/** The peer answered a request with an error. */
export class RpcError extends CodexError {
  readonly body: RpcErrorBody;
  readonly method: string;

  constructor(method: string, body: RpcErrorBody) {
    super("RPC", body.message);
    this.body = body;
    this.method = method;
  }
}
