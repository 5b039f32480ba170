// The port to what is on disk: rollout files (one JSON record a line) and the index over them.
import type { ResponseItem } from "../protocol/types/response_item.ts";
import type { GitInfo, SessionSource } from "../protocol/types/thread.ts";
import type { ThreadItem } from "../protocol/types/item.ts";
import type { Turn, TurnError } from "../protocol/types/turn.ts";

/** The first record of a rollout. */
export interface SessionMeta {
  readonly id: string;
  /** ISO 8601 with milliseconds. */
  readonly timestamp: string;
  readonly cwd: string;
  readonly originator: string;
  readonly cliVersion: string;
  readonly source: SessionSource;
  readonly modelProvider: string;
  readonly baseInstructions: string;
  readonly forkedFromId: string | null;
  readonly git: GitInfo | null;
}

/** What each turn ran with; snake_case fields as `turn_context` records have them. */
export type TurnContextRecord = Readonly<Record<string, unknown>> & { readonly turn_id: string; readonly cwd: string };

/** `event_msg` payload: `type` plus snake_case fields, exactly as on disk. */
export type EventMsg = Readonly<Record<string, unknown>> & { readonly type: string };

export type RolloutItem =
  | { readonly type: "session_meta"; readonly payload: Readonly<Record<string, unknown>> }
  | { readonly type: "response_item"; readonly payload: ResponseItem }
  | { readonly type: "turn_context"; readonly payload: TurnContextRecord }
  | { readonly type: "event_msg"; readonly payload: EventMsg }
  | { readonly type: "compacted"; readonly payload: Readonly<Record<string, unknown>> };

export interface RolloutWriter {
  readonly path: string;
  /**
   * Queues records in order. The file is made with the first of them (a thread with no turn leaves no file); a new
   * thread's `session_meta` is written by the store, in front.
   */
  append(items: readonly RolloutItem[]): void;
  /**
   * Settles when everything appended so far is given to the system; with `sync`, when it is on the medium. After a
   * failure the records stay queued and the next flush tries again.
   * @throws CodexError STORE_FAILED (disk full, no permission).
   */
  flush(options?: { readonly sync?: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** A thread as the list knows it. Times are Unix seconds. */
export interface StoredThread {
  readonly id: string;
  readonly path: string;
  readonly preview: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly meta: SessionMeta;
  readonly name: string | null;
}

/** A rollout read back: everything that resume and read need. */
export interface LoadedThread extends StoredThread {
  /** Model-visible history, in order. */
  readonly history: readonly ResponseItem[];
  /** What people saw, in order; a turn without an end record is `interrupted`. */
  readonly turns: readonly Turn[];
  readonly lastTurnContext: TurnContextRecord | null;
  /** Total usage of the last `token_count` record, wire field names of `thread/tokenUsage/updated`. */
  readonly tokenUsage: {
    readonly total: StoredUsage;
    readonly last: StoredUsage;
    readonly modelContextWindow: number | null;
  } | null;
}

export interface StoredUsage {
  readonly totalTokens: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningOutputTokens: number;
}

export interface ThreadListQuery {
  /** 1 to 100; other values are moved there. */
  readonly limit: number;
  readonly cursor: string | null;
  readonly sortKey: "created_at" | "updated_at";
  /** Null or empty: any provider. */
  readonly modelProviders: readonly string[] | null;
  /** Kinds of `thread/list`. Null or empty: threads that people started themselves (`cli`, `vscode`). */
  readonly sources: readonly string[] | null;
  /** Absolute; only threads that started exactly there. */
  readonly cwd: string | null;
  /** A part of the preview or the name, in any case. */
  readonly searchTerm: string | null;
  /** Archived threads instead of the others; default false. */
  readonly archived?: boolean;
}

export interface ThreadStore {
  create(meta: SessionMeta): RolloutWriter;
  /** Opens the file of a loaded thread to append to; repairs a torn last line first. */
  reopen(thread: LoadedThread): Promise<RolloutWriter>;
  /** Newest first; threads without a message of a user are left out. @throws CursorInvalid */
  list(
    query: ThreadListQuery,
  ): Promise<{ readonly threads: readonly StoredThread[]; readonly nextCursor: string | null }>;
  /** By id or by absolute path. @throws CodexError THREAD_NOT_FOUND, with the wire's text as its message */
  load(idOrPath: string): Promise<LoadedThread>;
}

export type { ThreadItem, TurnError };
