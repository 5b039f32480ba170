// The services that the agent asks for; the composition root (cli) and the server satisfy them.
import type { ServerRequestMethod, ServerRequestParams, ServerRequestResult } from "../protocol/server_requests.ts";
import type { ModelClient } from "../model/model_client.ts";
import type { ModelProvider } from "../model/provider.ts";
import type { ExecSessions } from "../exec/session.ts";
import type { ThreadStore } from "../store/thread_store.ts";
import type { EffectiveConfig } from "../config/effective_config.ts";
import type { EventSink } from "./events.ts";

export interface Clock {
  /** Unix milliseconds. */
  nowMs(): number;
  /** Rejects with the abort reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface ApprovalPort {
  /**
   * Asks every subscriber of the thread; the first valid answer wins. Settles with null when nobody can answer
   * (no subscriber left, an error reply). The server emits `serverRequest/resolved` before this settles.
   * Rejects with the abort reason when `signal` fires (the request is then withdrawn from all clients).
   */
  ask<M extends ServerRequestMethod>(
    threadId: string,
    method: M,
    params: ServerRequestParams<M>,
    signal: AbortSignal,
  ): Promise<ServerRequestResult<M> | null>;
}

export interface AgentPorts {
  readonly events: EventSink;
  readonly approvals: ApprovalPort;
  readonly store: ThreadStore;
  readonly exec: ExecSessions;
  readonly clock: Clock;
  /** The configuration for a thread: layers for its cwd, then the request's own overrides (dotted keys). */
  readonly loadConfig: (cwd: string | null, overrides: Readonly<Record<string, unknown>>) => Promise<EffectiveConfig>;
  readonly modelClient: (provider: ModelProvider) => ModelClient;
  /** Where the server runs; cwd of threads that name none. */
  readonly serverCwd: string;
  readonly codexHome: string;
  /** Environment given to commands before `shell_environment_policy`. */
  readonly environment: Readonly<Record<string, string>>;
}
