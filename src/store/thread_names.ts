/**
 * Names that people gave to threads: `$CODEX_HOME/session_index.jsonl`, one line a naming, the last one counts.
 * The file is read again only when it changed.
 */
import { joinPath } from "../base/absolute_path.ts";
import { findStat, readText } from "../host/files.ts";
import { asObject, asString } from "./json_value.ts";

export class ThreadNames {
  readonly #path: string;
  #seen: { readonly modifiedMs: number; readonly size: number } | null = null;
  #names: ReadonlyMap<string, string> = new Map();

  constructor(codexHome: string) {
    this.#path = joinPath(codexHome, "session_index.jsonl");
  }

  /** Names by thread id. */
  async all(): Promise<ReadonlyMap<string, string>> {
    const stat = await findStat(this.#path);
    if (stat === null) return new Map();
    if (this.#seen?.modifiedMs !== stat.modifiedMs || this.#seen.size !== stat.size) {
      this.#names = parseNames(await readText(this.#path));
      this.#seen = stat;
    }
    return this.#names;
  }
}

function parseNames(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split("\n")) {
    let entry: unknown;
    try {
      entry = JSON.parse(line);
    } catch {
      continue;
    }
    const id = asString(asObject(entry)?.["id"]);
    const name = asString(asObject(entry)?.["thread_name"]);
    if (id !== null && name !== null) names.set(id, name);
  }
  return names;
}
