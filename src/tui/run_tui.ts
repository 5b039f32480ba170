// The terminal UI as one call: from a connected client to an exit code. It speaks only the protocol; what the user
// asked for on the command line arrives here as plain values.
import { ProcessTerminal, type Terminal } from "@earendil-works/pi-tui";
import { CodexError, messageOf } from "../base/errors.ts";
import type { AppServerClient } from "../client/app_server_client.ts";
import {
  findLastThread,
  getThreadId,
  listThreads,
  resumeThread,
  startThread,
  type ThreadOverrides,
} from "../client/open_thread.ts";
import { createNotificationReader } from "../client/server_event.ts";
import { RECONNECT_BOUNDS, type ReconnectBounds } from "../client/reconnect.ts";
import { homeFolder } from "../host/env.ts";
import { systemClock } from "../host/clock.ts";
import type { TerminalHost } from "../host/terminal.ts";
import { REFERENCE_VERSION } from "../protocol/version.ts";
import type { ServerNotification } from "../protocol/server_notifications.ts";
import type { Model } from "../protocol/types/model.ts";
import type { Thread, ThreadResumeResponse, ThreadStartResponse } from "../protocol/types/thread.ts";
import { RpcError } from "../rpc/error_codes.ts";
import { App } from "./app.ts";
import { farewellLines } from "./farewell.ts";
import { initialState, type ListItem } from "./state.ts";
import { cleanLine } from "./text/clean.ts";
import { chooseTheme } from "./theme.ts";

export type TuiStart =
  | { readonly kind: "new" }
  /** An id, or the name of a thread. */
  | { readonly kind: "resume"; readonly threadId: string }
  | { readonly kind: "resumeLast"; readonly allFolders?: boolean }
  | { readonly kind: "picker"; readonly allFolders?: boolean };

/** What the command line asks of the thread; a field that is left out is the server's to decide. */
export type TuiOverrides = ThreadOverrides;

export interface RemoteServer {
  readonly url: string;
  /** Opens a new connection after the first was lost; not yet initialized. */
  reopen(signal: AbortSignal): Promise<AppServerClient>;
  /** Default: `RECONNECT_BOUNDS`. */
  readonly bounds?: ReconnectBounds;
}

export interface RunTuiOptions {
  /** Connected, not yet initialized. */
  readonly client: AppServerClient;
  readonly terminal: TerminalHost;
  /** What is drawn on. Default: the process's own terminal. */
  readonly device?: Terminal;
  readonly start: TuiStart;
  readonly overrides: TuiOverrides;
  readonly initialPrompt: string | null;
  /** Null when the server lives in this process. */
  readonly remote: RemoteServer | null;
  /** As shown in the header, e.g. "0.120.0+0.1.0". */
  readonly version: string;
  /** The process environment: NO_COLOR, TERM, HOME. */
  readonly environment: Readonly<Record<string, string>>;
  /** The folder the program was started in: narrows lists of threads when the server is in this process. */
  readonly folder: string;
  /**
   * Opens a folder to sandboxed commands for the session and answers with its resolved path; rejects with the reason for
   * people where that is no folder, or nothing to open.
   */
  addReadFolder(path: string): Promise<string>;
  nowMs(): number;
}

/** Until `initialize` is answered, ms. */
const INITIALIZE_TIMEOUT_MS = 10_000;
const NO_TERMINAL_HINT = "Run codex in a terminal. Programs talk to codex app-server instead.";

/** Runs until the user leaves. The terminal is as it was before, whatever happens. Returns the exit code: 0, or 1. */
export async function runTui(options: RunTuiOptions): Promise<number> {
  const { terminal } = options;
  // wire: the reference's sentence, which scripts may match.
  if (!terminal.stdinIsTerminal) return fail(terminal, "stdin is not a terminal", NO_TERMINAL_HINT);
  if (!terminal.stdoutIsTerminal) return fail(terminal, "stdout is not a terminal", NO_TERMINAL_HINT);
  try {
    const app = await prepare(options);
    const { exitCode, error, state } = await app.run();
    for (const line of farewellLines(state)) terminal.writeStdout(`${line}\n`);
    if (error !== null) terminal.writeStderr(`Error: ${cleanLine(error)}\n`);
    return exitCode;
  } catch (error) {
    await options.client.close();
    return fail(terminal, startProblem(error), error instanceof CodexError ? error.hint : undefined);
  }
}

/** An error answer says little without its question. */
function startProblem(error: unknown): string {
  return error instanceof RpcError ? `The app server refused "${error.method}": ${error.message}` : messageOf(error);
}

function fail(terminal: TerminalHost, message: string, hint?: string): number {
  terminal.writeStderr(`Error: ${message}\n${hint === undefined ? "" : `${hint}\n`}`);
  return 1;
}

/** The handshake, in the recorded order, up to an open thread or a list to pick one from. */
async function prepare(options: RunTuiOptions): Promise<App> {
  const { client, start, overrides, remote, environment, nowMs } = options;
  const warnings = collectWarnings(client);
  await introduce(client);
  const chosen = await chooseThread(options);
  await requireAccount(options);
  const models = await listModels(client);
  const listed = chosen.kind === "pick" ? await listThreads(client, listFolder(options, start)) : null;

  const early = warnings.take();
  const app = new App({
    state: initialState({ version: options.version, serverUrl: remote?.url ?? null, models, nowMs: nowMs() }),
    client,
    device: options.device ?? new ProcessTerminal(),
    terminal: options.terminal,
    theme: chooseTheme(environment),
    home: homeFolder(environment),
    overrides,
    reopen: remote ? async (signal) => await introduce(await remote.reopen(signal), signal) : null,
    addReadFolder: (path) => options.addReadFolder(path),
    reconnectBounds: remote?.bounds ?? RECONNECT_BOUNDS,
    nowMs,
    sleep: systemClock.sleep,
  });
  const showWarnings = (): void => {
    for (const notification of early) {
      app.dispatch({ type: "thread", event: { type: "heard", notification, nowMs: nowMs() } });
    }
  };
  if (chosen.kind === "pick") {
    app.dispatch({ type: "listThreads", items: (listed ?? []).map(toListItem) });
    showWarnings();
  } else {
    const answer: ThreadStartResponse | ThreadResumeResponse = chosen.kind === "resume"
      ? await resumeThread(client, chosen.threadId, overrides)
      : await startThread(client, overrides);
    app.open(answer);
    showWarnings();
    // Its answer is for the completion of skill names; asked for here as every client of this protocol does.
    client.request("skills/list", { forceReload: true, perCwdExtraUserRoots: null }).catch(() => {});
    if (options.initialPrompt !== null) app.dispatch({ type: "submit", text: options.initialPrompt });
  }
  return app;
}

const EARLY_WARNINGS = new Set(["configWarning", "deprecationNotice", "windows/worldWritableWarning"]);

/** What the server has to say about its configuration, which it says right after the handshake: before there is a screen. */
function collectWarnings(client: AppServerClient): { take(): readonly ServerNotification[] } {
  const read = createNotificationReader();
  const found: ServerNotification[] = [];
  const stop = client.onNotification((method, params) => {
    if (!EARLY_WARNINGS.has(method)) return;
    const notification = read(method, params);
    if (notification !== null) found.push(notification);
  });
  return {
    take(): readonly ServerNotification[] {
      stop();
      return found;
    },
  };
}

async function introduce(client: AppServerClient, signal?: AbortSignal): Promise<AppServerClient> {
  const timeout = AbortSignal.timeout(INITIALIZE_TIMEOUT_MS);
  try {
    await client.initialize({ name: "codex-tui", version: REFERENCE_VERSION }, {
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return client;
  } catch (error) {
    if (!timeout.aborted) throw error;
    throw new CodexError("CONNECT_FAILED", `The app server did not answer within ${INITIALIZE_TIMEOUT_MS / 1000} s`);
  }
}

type Chosen =
  | { readonly kind: "new" }
  | { readonly kind: "resume"; readonly threadId: string }
  | { readonly kind: "pick" };

async function chooseThread(options: RunTuiOptions): Promise<Chosen> {
  const { client, start } = options;
  switch (start.kind) {
    case "new":
      return start;
    case "resume":
      return { kind: "resume", threadId: await getThreadId(client, start.threadId) };
    case "resumeLast": {
      const last = await findLastThread(client, listFolder(options, start));
      return last ? { kind: "resume", threadId: last.id } : { kind: "new" };
    }
    case "picker":
      return { kind: "pick" };
  }
}

/** A server elsewhere has folders of its own: there, all threads are listed. */
function listFolder(options: RunTuiOptions, start: TuiStart): string | null {
  const all = (start.kind === "resumeLast" || start.kind === "picker") && start.allFolders === true;
  return options.remote || all ? null : options.overrides.cwd ?? options.folder;
}

async function requireAccount({ client, remote }: RunTuiOptions): Promise<void> {
  const { account, requiresOpenaiAuth } = await client.request("account/read", { refreshToken: false });
  if (account !== null || !requiresOpenaiAuth) return;
  const where = remote ? `The app server at ${remote.url}` : "The configured model provider";
  throw new CodexError("CONFIG_INVALID", `${where} needs an API key and has none`, {
    hint: [
      remote ? "Give it one where the server runs, in one of these ways:" : "Give it one, in one of these ways:",
      "  set OPENAI_API_KEY in the environment",
      '  add a [model_providers.NAME] table to config.toml and choose it with model_provider = "NAME"',
      "  use a model on that machine: --oss",
    ].join("\n"),
  });
}

/** Pages of the model list that are read at most. */
const MAX_MODEL_PAGES = 10;

async function listModels(client: AppServerClient): Promise<readonly Model[]> {
  const models: Model[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_MODEL_PAGES; page++) {
    const { data, nextCursor }: { data: Model[]; nextCursor: string | null } = await client.request("model/list", {
      cursor,
      limit: null,
      includeHidden: true,
    });
    models.push(...data);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return models;
}

function toListItem(thread: Thread): ListItem {
  const updated = new Date(thread.updatedAt * 1000).toISOString().slice(0, 16).replace("T", " ");
  const branch = thread.gitInfo?.branch ? ` · ${thread.gitInfo.branch}` : "";
  return {
    value: thread.id,
    label: cleanLine(thread.name ?? (thread.preview || thread.id)),
    detail: `${updated} · ${thread.cwd}${branch}`,
  };
}
