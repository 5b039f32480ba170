/**
 * The first record of a rollout, `session_meta`, to and from the names that the rest of the program uses.
 * On disk the source is spelt in its own way (`mcp`, `subagent`) and the git facts have other names.
 */
import type { GitInfo, SessionSource } from "../protocol/types/thread.ts";
import { asObject, asString, type JsonObject } from "./json_value.ts";
import type { RolloutItem, SessionMeta } from "./thread_store.ts";

export function sessionMetaRecord(meta: SessionMeta): RolloutItem {
  return {
    type: "session_meta",
    payload: {
      id: meta.id,
      ...(meta.forkedFromId === null ? {} : { forked_from_id: meta.forkedFromId }),
      timestamp: meta.timestamp,
      cwd: meta.cwd,
      originator: meta.originator,
      cli_version: meta.cliVersion,
      source: sourceOnDisk(meta.source),
      model_provider: meta.modelProvider,
      base_instructions: { text: meta.baseInstructions },
      ...(meta.git === null ? {} : { git: gitOnDisk(meta.git) }),
    },
  };
}

/** Null when the payload lacks what no session can do without: id, time and folder. */
export function sessionMetaFrom(payload: JsonObject): SessionMeta | null {
  const id = asString(payload["id"]);
  const timestamp = asString(payload["timestamp"]);
  const cwd = asString(payload["cwd"]);
  if (id === null || timestamp === null || cwd === null || Number.isNaN(Date.parse(timestamp))) return null;
  const git = asObject(payload["git"]);
  return {
    id,
    timestamp,
    cwd,
    originator: asString(payload["originator"]) ?? "",
    cliVersion: asString(payload["cli_version"]) ?? "",
    source: sourceFrom(payload["source"]),
    modelProvider: asString(payload["model_provider"]) ?? "",
    baseInstructions: asString(asObject(payload["base_instructions"])?.["text"]) ?? "",
    forkedFromId: asString(payload["forked_from_id"]),
    git: git === null ? null : {
      sha: asString(git["commit_hash"]),
      branch: asString(git["branch"]),
      originUrl: asString(git["repository_url"]),
    },
  };
}

function gitOnDisk(git: GitInfo): JsonObject {
  return {
    ...(git.sha === null ? {} : { commit_hash: git.sha }),
    ...(git.branch === null ? {} : { branch: git.branch }),
    ...(git.originUrl === null ? {} : { repository_url: git.originUrl }),
  };
}

function sourceOnDisk(source: SessionSource): unknown {
  if (source === "appServer") return "mcp";
  if (typeof source === "object" && "subAgent" in source) return { subagent: source.subAgent };
  return source;
}

function sourceFrom(value: unknown): SessionSource {
  if (value === "mcp") return "appServer";
  // Files older than the field were written by the terminal UI of an editor's extension.
  if (value === undefined) return "vscode";
  if (value === "cli" || value === "vscode" || value === "exec") return value;
  const fields = asObject(value);
  const custom = asString(fields?.["custom"]);
  if (custom !== null) return { custom };
  const subAgent = fields?.["subagent"];
  if (subAgent === "review" || subAgent === "compact" || subAgent === "memory_consolidation") return { subAgent };
  const spawn = asObject(asObject(subAgent)?.["thread_spawn"]);
  if (spawn !== null) {
    return {
      subAgent: {
        thread_spawn: {
          parent_thread_id: asString(spawn["parent_thread_id"]) ?? "",
          depth: typeof spawn["depth"] === "number" ? spawn["depth"] : 0,
          agent_path: asString(spawn["agent_path"]),
          agent_nickname: asString(spawn["agent_nickname"]),
          agent_role: asString(spawn["agent_role"]),
        },
      },
    };
  }
  const other = asString(asObject(subAgent)?.["other"]);
  return other === null ? "unknown" : { subAgent: { other } };
}

/** True when `kinds` (of `thread/list`) asks for threads of this source. */
export function isSourceOfKind(source: SessionSource, kinds: readonly string[]): boolean {
  if (typeof source === "string") return kinds.includes(source);
  if ("custom" in source) return false;
  return kinds.includes("subAgent") || kinds.includes(subAgentKind(source.subAgent));
}

function subAgentKind(subAgent: Extract<SessionSource, { subAgent: unknown }>["subAgent"]): string {
  if (subAgent === "review") return "subAgentReview";
  if (subAgent === "compact") return "subAgentCompact";
  return typeof subAgent === "object" && "thread_spawn" in subAgent ? "subAgentThreadSpawn" : "subAgentOther";
}
