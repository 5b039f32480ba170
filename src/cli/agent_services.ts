// The heavy half of the composition: the agent and the rooms that only it and stored threads need. Loaded behind the
// answer to `initialize`, which needs none of it.
import type { Account } from "../account/account.ts";
import { readInstallationId } from "../account/installation_id.ts";
import { createAgent } from "../agent/agent.ts";
import type { Agent } from "../agent/threads.ts";
import type { ConfigLoader } from "../config/config_loader.ts";
import type { EffectiveConfig } from "../config/effective_config.ts";
import { createLocalExecSessions } from "../exec/local_sessions.ts";
import { systemClock } from "../host/clock.ts";
import { createHttp } from "../host/http.ts";
import type { Platform } from "../host/platform.ts";
import { createModelClient } from "../model/responses_client.ts";
import type { AgentSidePorts } from "../server/services.ts";
import { createThreadStore } from "../store/file_thread_store.ts";
import type { ThreadStore } from "../store/thread_store.ts";

export interface AgentServicesOptions {
  readonly codexHome: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly platform: Platform;
  readonly loader: ConfigLoader;
  /** Folders that the person opened for reading, asked for at each command. */
  readonly readFolders: () => readonly string[];
  readonly account: Account;
  /** Asked for each request to the model: it is known only after `initialize`. */
  readonly userAgent: () => string;
  readonly originator: () => string;
}

export interface AgentServices {
  readonly store: ThreadStore;
  makeAgent(ports: AgentSidePorts): Agent;
  /** Ends connections to the model. */
  close(): void;
}

export function createAgentServices(options: AgentServicesOptions): AgentServices {
  const { codexHome, folder, environment, platform, loader, account } = options;
  const exec = createLocalExecSessions({
    platform,
    environment,
    nowMs: systemClock.nowMs,
    home: codexHome,
    windows: async () => ({
      ...(await loader.load(folder)).config.windowsSandbox,
      addedReadRoots: options.readFolders,
    }),
  });
  const store = createThreadStore({ codexHome, clock: systemClock });
  const http = createHttp();
  let installationId: string | undefined;
  return {
    store,
    makeAgent: ({ events, approvals }) =>
      createAgent({
        events,
        approvals,
        store,
        exec,
        clock: systemClock,
        async loadConfig(cwd, overrides): Promise<EffectiveConfig> {
          // Every thread comes by here before it asks for a model client.
          installationId ??= await readInstallationId(codexHome);
          return (await loader.load(cwd, overrides)).config;
        },
        modelClient: (provider) =>
          createModelClient({
            provider,
            tokens: account,
            http,
            environment,
            userAgent: options.userAgent,
            originator: options.originator,
            ...(installationId === undefined ? {} : { installationId }),
            clock: systemClock,
          }),
        serverCwd: folder,
        codexHome,
        environment,
      }),
    close: () => http[Symbol.dispose](),
  };
}
