// The first requests of a session, in the recorded order and with every field a peer of this protocol sends: start a
// thread, take up a stored one, find the one meant by "last" or by a name.
import { CodexError } from "../base/errors.ts";
import { isUuid } from "../base/ids.ts";
import type { AskForApproval, SandboxMode } from "../protocol/types/policy.ts";
import type {
  Thread,
  ThreadListParams,
  ThreadResumeParams,
  ThreadResumeResponse,
  ThreadStartParams,
  ThreadStartResponse,
} from "../protocol/types/thread.ts";
import { RpcError } from "../rpc/error_codes.ts";
import type { AppServerClient, RequestOptions } from "./app_server_client.ts";

/** What the user asks of the thread; a field that is left out is the server's to decide. */
export interface ThreadOverrides {
  readonly model?: string;
  readonly modelProvider?: string;
  readonly cwd?: string;
  readonly approvalPolicy?: AskForApproval;
  readonly sandbox?: SandboxMode;
  /** Dotted config keys, as `-c` gave them. */
  readonly config?: Readonly<Record<string, unknown>>;
}

type Common = Omit<ThreadStartParams & ThreadResumeParams, "threadId">;

/** The fields that starting and resuming share. */
function common(overrides: ThreadOverrides): Common {
  return {
    model: overrides.model ?? null,
    modelProvider: overrides.modelProvider ?? null,
    cwd: overrides.cwd ?? null,
    approvalPolicy: overrides.approvalPolicy ?? null,
    approvalsReviewer: null,
    sandbox: overrides.sandbox ?? null,
    config: overrides.config ? { ...overrides.config } : null,
    baseInstructions: null,
    developerInstructions: null,
    personality: null,
    persistExtendedHistory: true,
  };
}

export function startThread(
  client: AppServerClient,
  overrides: ThreadOverrides,
  options: RequestOptions = {},
): Promise<ThreadStartResponse> {
  return client.request("thread/start", {
    ...common(overrides),
    serviceName: null,
    ephemeral: false,
    sessionStartSource: null,
    dynamicTools: null,
    mockExperimentalField: null,
    experimentalRawEvents: false,
  }, options);
}

export function resumeThread(
  client: AppServerClient,
  threadId: string,
  overrides: ThreadOverrides,
  options: RequestOptions = {},
): Promise<ThreadResumeResponse> {
  return client.request("thread/resume", { threadId, history: null, path: null, ...common(overrides) }, options);
}

function listParams(limit: number, cwd: string | null, searchTerm: string | null): ThreadListParams {
  return {
    cursor: null,
    limit,
    sortKey: "updated_at",
    modelProviders: null,
    // What a person started; `exec` and sub-agents are not listed.
    sourceKinds: ["cli", "vscode"],
    archived: false,
    cwd,
    searchTerm,
  };
}

/** The thread that was used last, or null when there is none. `cwd` narrows it to one folder. */
export async function findLastThread(
  client: AppServerClient,
  cwd: string | null,
  options: RequestOptions = {},
): Promise<Thread | null> {
  const { data } = await client.request("thread/list", listParams(1, cwd, null), options);
  return data[0] ?? null;
}

/** Threads that a list shows at once. */
const MAX_LISTED_THREADS = 100;

export async function listThreads(
  client: AppServerClient,
  cwd: string | null,
  options: RequestOptions = {},
): Promise<readonly Thread[]> {
  return (await client.request("thread/list", listParams(MAX_LISTED_THREADS, cwd, null), options)).data;
}

/** The id of the thread that an id or a name means. @throws CodexError "THREAD_NOT_FOUND". */
export async function getThreadId(
  client: AppServerClient,
  idOrName: string,
  options: RequestOptions = {},
): Promise<string> {
  if (isUuid(idOrName)) {
    try {
      await client.request("thread/read", { threadId: idOrName, includeTurns: false }, options);
      return idOrName;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      throw new CodexError("THREAD_NOT_FOUND", `No saved session found with ID ${idOrName}`, {
        cause: error,
        hint: "Run `codex resume` to choose one from the list.",
      });
    }
  }
  const { data } = await client.request("thread/list", listParams(MAX_LISTED_THREADS, null, idOrName), options);
  const found = data.find((thread) => thread.name === idOrName);
  if (found) return found.id;
  throw new CodexError("THREAD_NOT_FOUND", `No saved session found with the name "${idOrName}"`, {
    hint: "Run `codex resume` to choose one from the list.",
  });
}
