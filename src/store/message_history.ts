/**
 * What a person typed, over all sessions: `$CODEX_HOME/history.jsonl`, `{"session_id", "ts", "text"}` a line.
 * Only for its owner (mode 0600), and not written at all with `history.persistence = "none"`.
 */
import { joinPath } from "../base/absolute_path.ts";
import { CodexError, messageOf } from "../base/errors.ts";
import { findStat, findText, openAppend, setMode } from "../host/files.ts";
import { asInteger, asObject, asString } from "./json_value.ts";

export interface HistoryEntry {
  readonly sessionId: string;
  /** Unix seconds. */
  readonly at: number;
  readonly text: string;
}

export interface MessageHistory {
  /** @throws CodexError STORE_FAILED */
  append(entry: HistoryEntry): Promise<void>;
  /** The last `count` entries, oldest first. Broken lines are passed over. */
  last(count: number): Promise<HistoryEntry[]>;
}

export interface MessageHistoryOptions {
  readonly codexHome: string;
  readonly persistence: "save-all" | "none";
}

const FILE_MODE = 0o600;

export function createMessageHistory({ codexHome, persistence }: MessageHistoryOptions): MessageHistory {
  const path = joinPath(codexHome, "history.jsonl");
  return {
    async append({ sessionId, at, text }): Promise<void> {
      if (persistence === "none") return;
      const line = `${JSON.stringify({ session_id: sessionId, ts: at, text })}\n`;
      try {
        const file = await openAppend(path, { mode: FILE_MODE });
        try {
          const mode = (await findStat(path))?.mode ?? null;
          if (mode !== null && (mode & 0o077) !== 0) await setMode(path, FILE_MODE);
          await file.write(new TextEncoder().encode(line));
        } finally {
          file.close();
        }
      } catch (error) {
        throw new CodexError("STORE_FAILED", `Cannot write "${path}": ${messageOf(error)}`, { cause: error });
      }
    },

    async last(count): Promise<HistoryEntry[]> {
      const text = await findText(path) ?? "";
      return text.split("\n").flatMap(parseEntry).slice(-count);
    },
  };
}

function parseEntry(line: string): HistoryEntry[] {
  if (line === "") return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return [];
  }
  const fields = asObject(parsed);
  const sessionId = asString(fields?.["session_id"]);
  const at = asInteger(fields?.["ts"]);
  const text = asString(fields?.["text"]);
  return sessionId === null || at === null || text === null ? [] : [{ sessionId, at, text }];
}
