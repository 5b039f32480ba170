// What the server asks of the rest of the program: small ports that the composition root fills in. The server itself
// knows connections, order and who hears what; it reads no file and no configuration.
import type { Agent } from "../agent/threads.ts";
import type { ApprovalPort } from "../agent/ports.ts";
import type { EventSink } from "../agent/events.ts";
import type { ThreadStore } from "../store/thread_store.ts";
import type { Log } from "../base/log.ts";
import type { ParamsOf, ResultOf } from "../protocol/client_requests.ts";
import type { ServerNotificationParams } from "../protocol/server_notifications.ts";
import type { Audit } from "./audit.ts";
import type { Metrics } from "./metrics.ts";

export interface ServerInfo {
  readonly codexHome: string;
  /** `initialize`'s `platformFamily`: "unix" or "windows". */
  readonly platformFamily: string;
  /** `initialize`'s `platformOs`: "linux", "macos" or "windows". */
  readonly platformOs: string;
  /** For example "Debian 12.0.0": the operating system of the user agent. */
  readonly osDescription: string;
  /** For example "x86_64". */
  readonly arch: string;
  /** For example "xterm-256color"; "unknown" where there is none. */
  readonly terminal: string;
  /** As in user agents and `Thread.cliVersion`: the reference's number. */
  readonly version: string;
}

/** The two ports that the server gives to the agent. */
export interface AgentSidePorts {
  readonly events: EventSink;
  readonly approvals: ApprovalPort;
}

export type ConfigWarnings = readonly ServerNotificationParams<"configWarning">[];

export type WorldWritableFolders = ServerNotificationParams<"windows/worldWritableWarning"> | null;

export interface ServerServices {
  readonly info: ServerInfo;
  /** Called once, by `createAppServer`. */
  readonly makeAgent: (ports: AgentSidePorts) => Agent;
  /** Stored threads, for `thread/read` and `thread/list`. */
  readonly store: Pick<ThreadStore, "list" | "load">;
  readonly account: {
    read(params: ParamsOf<"account/read">): ResultOf<"account/read"> | Promise<ResultOf<"account/read">>;
  };
  readonly models: {
    /** One page. @throws CodexError PROTOCOL for a cursor that it did not give. */
    list(params: ParamsOf<"model/list">): ResultOf<"model/list"> | Promise<ResultOf<"model/list">>;
  };
  readonly skills: {
    list(params: ParamsOf<"skills/list">): ResultOf<"skills/list"> | Promise<ResultOf<"skills/list">>;
  };
  readonly config: {
    /** @throws CodexError CONFIG_INVALID or CONFIG_UNREADABLE */
    read(params: ParamsOf<"config/read">): ResultOf<"config/read"> | Promise<ResultOf<"config/read">>;
  };
  readonly windowsSandbox: {
    /** Rejects with the reason for people where it cannot be set up, as on any other system. */
    setUp(mode: ParamsOf<"windowsSandbox/setupStart">["mode"]): Promise<void>;
    /** What each client is told some time after the handshake, looked for once; null when there is nothing to tell. */
    findWorldWritable(): Promise<WorldWritableFolders>;
  };
  /** What each client is told after the handshake; what it asks next waits for this. */
  readonly configWarnings: () => ConfigWarnings | Promise<ConfigWarnings>;
  /** For its operator, never for the wire. */
  readonly log: Log;
  readonly metrics: Metrics;
  readonly audit: Audit;
}
