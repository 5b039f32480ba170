/**
 * The thread store over files: every thread is one rollout file under `$CODEX_HOME/sessions`, the same files that
 * the reference writes and reads. What a list or a load says always comes from the files themselves.
 */
import { isAbsolutePath, parentPath } from "../base/absolute_path.ts";
import { CodexError, messageOf } from "../base/errors.ts";
import { type AppendFile, type AppendOptions, fileTroubleOf, findStat, makeFolder, openAppend } from "../host/files.ts";
import { asInteger, asObject } from "./json_value.ts";
import { ModelHistory } from "./model_history.ts";
import { newRolloutPath } from "./rollout_folders.ts";
import { findTornEnd, metaOf, previewOf, readRollout } from "./rollout_reader.ts";
import { RolloutFile } from "./rollout_writer.ts";
import { sessionMetaRecord } from "./session_meta.ts";
import { ThreadIndex, toSeconds } from "./thread_index.ts";
import type {
  LoadedThread,
  RolloutItem,
  RolloutWriter,
  SessionMeta,
  StoredUsage,
  ThreadStore,
  TurnContextRecord,
} from "./thread_store.ts";
import { TurnHistory } from "./turn_history.ts";

export interface ThreadStoreOptions {
  /** Absolute. It need not exist yet. */
  readonly codexHome: string;
  readonly clock: { nowMs(): number };
  /** Default: the real one. Tests put a failing disk here. */
  readonly openFile?: OpenFile;
}

type OpenFile = (path: string, options: AppendOptions) => Promise<AppendFile>;

/** Sessions hold what people and commands said: for their owner only. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export function createThreadStore(options: ThreadStoreOptions): ThreadStore {
  const nowMs = (): number => options.clock.nowMs();
  const openFile = options.openFile ?? openAppend;
  const index = new ThreadIndex(options.codexHome, nowMs);

  function create(meta: SessionMeta): RolloutWriter {
    const path = newRolloutPath(options.codexHome, { id: meta.id, startedMs: Date.parse(meta.timestamp) });
    let isMade = false;
    const open = async (): Promise<AppendFile> => {
      if (isMade) return await openRepaired(path, openFile);
      await makeFolder(parentPath(path), { mode: FOLDER_MODE });
      const file = await openFile(path, { createNew: true, mode: FILE_MODE });
      isMade = true;
      return file;
    };
    return new RolloutFile({ path, open, prologue: [sessionMetaRecord(meta)], nowMs });
  }

  async function reopen(thread: LoadedThread): Promise<RolloutWriter> {
    const { path } = thread;
    if (await findStat(path) === null) throw loadFailure(path, "No such file or directory (os error 2)");
    return new RolloutFile({ path, open: () => openRepaired(path, openFile), prologue: [], nowMs });
  }

  async function load(idOrPath: string): Promise<LoadedThread> {
    const path = isAbsolutePath(idOrPath) ? idOrPath : await index.findPath(idOrPath);
    // wire: clients show this sentence.
    if (path === null) throw new CodexError("THREAD_NOT_FOUND", `no rollout found for thread id ${idOrPath}`);
    return await loadFile(path, (id) => index.findName(id));
  }

  return { create, reopen, list: (query) => index.list(query), load };
}

/** Opens to append, with a torn last line cut off or completed first. */
async function openRepaired(path: string, openFile: OpenFile): Promise<AppendFile> {
  const file = await openFile(path, {});
  try {
    const size = await file.size();
    const { wholeBytes, lacksNewline } = await findTornEnd(path, size);
    if (lacksNewline) await file.write(new TextEncoder().encode("\n"));
    else if (wholeBytes < size) await file.truncate(wholeBytes);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

async function loadFile(path: string, findName: (id: string) => Promise<string | null>): Promise<LoadedThread> {
  const turns = new TurnHistory();
  const history = new ModelHistory();
  let meta: SessionMeta | null = null;
  let preview: string | null = null;
  let lastTurnContext: TurnContextRecord | null = null;
  let tokenUsage: LoadedThread["tokenUsage"] = null;
  let modifiedMs = 0;
  try {
    // Before reading: a line that arrives meanwhile makes the file newer than this says, never older.
    modifiedMs = (await findStat(path))?.modifiedMs ?? 0;
    for await (const record of readRollout(path)) {
      // A fork's file goes on with the records of the thread it came from; its own session is the first.
      meta ??= metaOf(record);
      preview ||= previewOf(record);
      if (record.type === "turn_context") lastTurnContext = record.payload;
      tokenUsage = usageOf(record) ?? tokenUsage;
      turns.take(record);
      history.take(record);
    }
  } catch (error) {
    const missing = fileTroubleOf(error) === "missing";
    throw loadFailure(path, missing ? "No such file or directory (os error 2)" : messageOf(error), error);
  }
  if (meta === null) throw loadFailure(path, "it has no session_meta record");
  return {
    id: meta.id,
    path,
    preview: preview ?? "",
    createdAt: toSeconds(Date.parse(meta.timestamp)),
    updatedAt: toSeconds(modifiedMs),
    meta,
    name: await findName(meta.id),
    history: history.items,
    turns: turns.turns(),
    lastTurnContext,
    tokenUsage,
  };
}

/** wire: the form of the sentence, backquotes included. */
function loadFailure(path: string, why: string, cause?: unknown): CodexError {
  return new CodexError(
    "THREAD_NOT_FOUND",
    `failed to load rollout \`${path}\`: ${why}`,
    cause === undefined ? {} : { cause },
  );
}

/** The usage that a `token_count` record carries; null for every other record. */
function usageOf(record: RolloutItem): LoadedThread["tokenUsage"] {
  if (record.type !== "event_msg" || record.payload.type !== "token_count") return null;
  const info = asObject(record.payload["info"]);
  if (info === null) return null;
  return {
    total: usageFrom(info["total_token_usage"]),
    last: usageFrom(info["last_token_usage"]),
    modelContextWindow: asInteger(info["model_context_window"]),
  };
}

function usageFrom(value: unknown): StoredUsage {
  const usage = asObject(value);
  return {
    totalTokens: asInteger(usage?.["total_tokens"]) ?? 0,
    inputTokens: asInteger(usage?.["input_tokens"]) ?? 0,
    cachedInputTokens: asInteger(usage?.["cached_input_tokens"]) ?? 0,
    outputTokens: asInteger(usage?.["output_tokens"]) ?? 0,
    reasoningOutputTokens: asInteger(usage?.["reasoning_output_tokens"]) ?? 0,
  };
}
