// The composition root: the one place that knows every room, and introduces those that need each other. What it makes
// is an app server ready to take clients; nothing here decides anything that a room could decide.
import { createAccount } from "../account/account.ts";
import type { Agent } from "../agent/threads.ts";
import { joinPath } from "../base/absolute_path.ts";
import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { resolveCodexHome } from "../config/codex_home.ts";
import { ConfigError } from "../config/config_error.ts";
import type { ConfigLoader } from "../config/config_loader.ts";
import { readSkillSettings } from "../config/skill_settings.ts";
import { createSkillFinder } from "../extensions/skills.ts";
import { systemClock } from "../host/clock.ts";
import { homeFolder } from "../host/env.ts";
import { type Platform, readPlatform } from "../host/platform.ts";
import { listModels } from "../model/catalog.ts";
import { REFERENCE_VERSION } from "../protocol/version.ts";
import { sandboxStartWarnings } from "../sandbox/linux/start_warnings.ts";
import { rootWarnings } from "../sandbox/writable_roots.ts";
import { type AppServer, createAppServer } from "../server/app_server.ts";
import { type Audit, NO_AUDIT } from "../server/audit.ts";
import { type Metrics, NO_METRICS } from "../server/metrics.ts";
import type { ConfigWarnings, WorldWritableFolders } from "../server/services.ts";
import type { AgentServices } from "./agent_services.ts";
import type { CliContext } from "./command.ts";
import type { ConfigArgs } from "./config_args.ts";
import { createLateAgent } from "./late_agent.ts";
import { parseLogFilter } from "./log_filter.ts";
import { makeFileLog, makeLog } from "./log_lines.ts";
import { describeSystem, describeTerminal } from "./machine.ts";
import { createReadFolders } from "./read_folders.ts";
import { makeConfigLoader } from "./session_config.ts";

export interface ComposeOptions {
  readonly config: ConfigArgs;
  readonly context: CliContext;
  /** A config.toml that cannot be used: end the start, or tell clients and go on (a request that needs it then fails). */
  readonly brokenConfig: "fail" | "warn";
  /** Called once for each thing that clients are told after their handshake; default: only they are told. */
  readonly onWarning?: (warning: ConfigWarnings[number]) => void;
  /** The operator's log; "file": in CODEX_HOME, because a terminal UI owns the screen. */
  readonly log: Log | "file";
  readonly metrics?: Metrics;
  readonly audit?: Audit;
}

export interface House {
  readonly server: AppServer;
  /** Looks for what is wrong with configuration and machine now, and not only when the first client has come. */
  lookForWarnings(): void;
  /** See `ReadFolders.add`. */
  addReadFolder(path: string): Promise<string>;
  /** Ends what the server's own end leaves open: connections to the model, the log. */
  close(): Promise<void>;
}

export async function composeServer(options: ComposeOptions): Promise<House> {
  const { context } = options;
  const { environment, folder } = context;
  const codexHome = await resolveCodexHome(environment, folder);
  const loader = await makeConfigLoader(options.config, { codexHome, environment, folder });
  const platform = readPlatform();
  let warnings: Promise<ConfigWarnings> | null = null;
  // Not before it is asked for: `initialize` is answered without it.
  const findWarnings = (): Promise<ConfigWarnings> =>
    warnings ??= startWarnings(loader, { platform, home: codexHome }, options);
  if (options.brokenConfig === "fail") await findWarnings();
  const osDescription = await describeSystem(platform);
  const fileLog = options.log === "file" ? makeFileLog(joinPath(codexHome, "log", "codex.log")) : null;
  const log = options.log !== "file" ? options.log : makeLog({
    filter: parseLogFilter(environment["RUST_LOG"] ?? null).filter,
    form: "plain",
    nowMs: systemClock.nowMs,
    printLine: (line) => fileLog?.printLine(line),
  });
  const account = createAccount({ codexHome, environment });
  const skills = createSkillFinder({
    codexHome,
    home: homeFolder(environment),
    serverCwd: folder,
    settings: (cwd) => readSkillSettings(loader, cwd),
  });
  const readFolders = createReadFolders({
    platform,
    level: async () => (await loader.load(folder)).config.windowsSandbox.level,
  });
  let openFolders: Promise<WorldWritableFolders> | null = null;
  let services: Promise<AgentServices> | null = null;
  const agentServices = (): Promise<AgentServices> => services ??= loadAgentServices();
  async function loadAgentServices(): Promise<AgentServices> {
    const { createAgentServices } = await import("./agent_services.ts");
    const userAgent = (): string => server.userAgent();
    const originator = (): string => server.originator();
    return createAgentServices({
      codexHome,
      folder,
      environment,
      platform,
      loader,
      readFolders: readFolders.list,
      account,
      userAgent,
      originator,
    });
  }

  const server: AppServer = createAppServer({
    info: {
      codexHome,
      platformFamily: platform.family,
      platformOs: platform.os,
      osDescription,
      arch: platform.arch,
      terminal: describeTerminal(environment),
      version: REFERENCE_VERSION,
    },
    makeAgent(ports): Agent {
      let agent: Promise<Agent> | null = null;
      return createLateAgent(() => agent ??= agentServices().then(({ makeAgent }) => makeAgent(ports)));
    },
    store: {
      list: async (query) => await (await agentServices()).store.list(query),
      load: async (idOrPath) => await (await agentServices()).store.load(idOrPath),
    },
    account: { read: async () => account.readAccount((await loader.load(folder)).config.modelProvider) },
    models: { list: listModels },
    skills: { list: (params) => skills.listSkills(params) },
    config: { read: (params) => loader.read(params) },
    windowsSandbox: {
      async setUp(mode): Promise<void> {
        const { setUpWindowsSandbox } = await import("./windows_sandbox_setup.ts");
        await setUpWindowsSandbox(mode, { codexHome, platform });
      },
      async findWorldWritable(): Promise<WorldWritableFolders> {
        if (platform.os !== "windows") return null;
        const { findOpenFolders } = await import("./windows_open_folders.ts");
        return await (openFolders ??= findOpenFolders(loader, { folder, environment }));
      },
    },
    configWarnings(): Promise<ConfigWarnings> {
      // The first client is there: its thread comes next. A failure is told to whoever asks for the agent.
      agentServices().catch(() => {});
      return findWarnings();
    },
    log,
    metrics: options.metrics ?? NO_METRICS,
    audit: options.audit ?? NO_AUDIT,
  });
  return {
    server,
    lookForWarnings: () => void findWarnings(),
    addReadFolder: readFolders.add,
    async close(): Promise<void> {
      (await services)?.close();
      await fileLog?.flush();
    },
  };
}

/** Rejects only where a broken config.toml ends the start. */
async function startWarnings(
  loader: ConfigLoader,
  machine: { readonly platform: Platform; readonly home: string },
  options: ComposeOptions,
): Promise<ConfigWarnings> {
  const { environment, folder } = options.context;
  const warnings: ConfigWarnings[number][] = [];
  try {
    const loaded = await loader.load(folder);
    for (const { summary, details, path } of loaded.warnings) {
      warnings.push({ summary, details, ...(path === null ? {} : { path }) });
    }
    const { sandboxMode, legacyLandlock, permissions, sandboxWorkspaceWrite } = loaded.config;
    if (sandboxMode === "workspace-write" && permissions === null) {
      warnings.push(...await rootWarnings(sandboxWorkspaceWrite.writableRoots, machine.home));
    }
    if (sandboxMode !== "danger-full-access") {
      warnings.push(...await sandboxStartWarnings({ ...machine, environment, folder, legacyLandlock }));
    }
  } catch (error) {
    if (options.brokenConfig === "fail") throw error;
    warnings.push(brokenConfigWarning(error));
  }
  warnings.forEach((warning) => options.onWarning?.(warning));
  return warnings;
}

/** wire: the summary is the reference's. */
function brokenConfigWarning(error: unknown): ConfigWarnings[number] {
  const summary = "Invalid configuration; using defaults.";
  if (!(error instanceof ConfigError)) return { summary, details: messageOf(error) };
  const { file, line, column } = error.problem;
  const place = line === null || column === null ? null : { line, column };
  return {
    summary,
    details: error.summary,
    ...(file === null ? {} : { path: file }),
    ...(place === null ? {} : { range: { start: place, end: place } }),
  };
}
