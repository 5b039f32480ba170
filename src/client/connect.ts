// Opens the WebSocket to an app server elsewhere. Refuses what would be unsafe or cannot work before touching the
// network, and names the address and the cause when it fails.
import type { MessageStream } from "../rpc/message_stream.ts";

export interface RemoteAddress {
  /** `ws://host:port` or `wss://host:port`. */
  readonly url: string;
  /** The bearer token; only over wss, or ws to this machine. */
  readonly token?: string | undefined;
}

/** @throws CodexError "USAGE" for an address of another form or a token that would travel in the clear; "CONNECT_FAILED". */
export declare function connectRemote(address: RemoteAddress, signal?: AbortSignal): Promise<MessageStream>;

/** Checks the address alone, with no network. @throws CodexError "USAGE". */
export declare function checkRemoteAddress(address: RemoteAddress): void;
