/**
 * Recorded events as the items that people saw: the other direction of item_record.ts.
 * Pure and tolerant: a field that is missing or odd becomes its neutral value, an event that is no item gives null.
 * Source: what the reference answers to `thread/read` for hand-made records.
 */
import { joinShellWords } from "../base/shell_words.ts";
import type {
  CommandAction,
  FileUpdateChange,
  MemoryCitation,
  ThreadItem,
  UserInput,
  WebSearchAction,
} from "../protocol/types/item.ts";
import { movedSuffix } from "./item_record.ts";
import {
  asArray,
  asInteger,
  asObject,
  asOneOf,
  asString,
  asStrings,
  type JsonObject,
  toCamelCase,
} from "./json_value.ts";

/** The content of a `user_message` event. */
export function userContentFrom(event: JsonObject): UserInput[] {
  const content: UserInput[] = [];
  const message = asString(event["message"]) ?? "";
  if (message.trim() !== "") {
    content.push({ type: "text", text: message, text_elements: asArray(event["text_elements"]).flatMap(textElement) });
  }
  for (const url of asStrings(event["images"])) content.push({ type: "image", url });
  for (const path of asStrings(event["local_images"])) content.push({ type: "localImage", path });
  return content;
}

function textElement(value: unknown): { byteRange: { start: number; end: number }; placeholder: string | null }[] {
  const element = asObject(value);
  const range = asObject(element?.["byte_range"]);
  const start = asInteger(range?.["start"]);
  const end = asInteger(range?.["end"]);
  if (start === null || end === null) return [];
  return [{ byteRange: { start, end }, placeholder: asString(element?.["placeholder"]) }];
}

/** `agent_message`; null when it says nothing. */
export function agentMessageFrom(event: JsonObject, id: string): ThreadItem | null {
  const text = asString(event["message"]) ?? "";
  if (text === "") return null;
  return {
    type: "agentMessage",
    id,
    text,
    phase: asOneOf(event["phase"], ["commentary", "final_answer"]),
    memoryCitation: citationFrom(event["memory_citation"]),
  };
}

function citationFrom(value: unknown): MemoryCitation | null {
  const citation = asObject(value);
  if (citation === null) return null;
  const entries = asArray(citation["entries"]).flatMap((entry) => {
    const fields = asObject(entry);
    const path = asString(fields?.["path"]);
    return fields === null || path === null ? [] : [{
      path,
      lineStart: asInteger(fields["line_start"]) ?? 0,
      lineEnd: asInteger(fields["line_end"]) ?? 0,
      note: asString(fields["note"]) ?? "",
    }];
  });
  return { entries, threadIds: asStrings(citation["rollout_ids"]) };
}

/** The item of an event that carries its own id (a finished tool call, a plan); null for every other event. */
export function toolItemFrom(event: JsonObject): ThreadItem | null {
  const id = asString(event["call_id"]);
  if (event["type"] === "item_completed") return planFrom(event["item"]);
  if (id === null) return null;
  switch (event["type"]) {
    case "exec_command_end":
      return commandFrom(event, id);
    case "patch_apply_end":
      return {
        type: "fileChange",
        id,
        changes: changesFrom(event["changes"]),
        status: asOneOf(event["status"], ["completed", "failed", "declined"]) ??
          (event["success"] === true ? "completed" : "failed"),
      };
    case "mcp_tool_call_end":
      return mcpCallFrom(event, id);
    case "dynamic_tool_call_response":
      return {
        type: "dynamicToolCall",
        id,
        tool: asString(event["tool"]) ?? "",
        arguments: event["arguments"] ?? null,
        status: event["success"] === true ? "completed" : "failed",
        contentItems: asArray(event["content_items"]).flatMap(dynamicContent),
        success: event["success"] === true,
        durationMs: durationFrom(event["duration"]),
      };
    case "web_search_end":
      return { type: "webSearch", id, query: asString(event["query"]) ?? "", action: searchAction(event["action"]) };
    case "view_image_tool_call":
      return { type: "imageView", id, path: asString(event["path"]) ?? "" };
    case "image_generation_end": {
      const savedPath = asString(event["saved_path"]);
      return {
        type: "imageGeneration",
        id,
        status: asString(event["status"]) ?? "",
        revisedPrompt: asString(event["revised_prompt"]),
        result: asString(event["result"]) ?? "",
        ...(savedPath === null ? {} : { savedPath }),
      };
    }
    default:
      return null;
  }
}

function planFrom(value: unknown): ThreadItem | null {
  const item = asObject(value);
  const id = asString(item?.["id"]);
  if (item?.["type"] !== "Plan" || id === null) return null;
  return { type: "plan", id, text: asString(item["text"]) ?? "" };
}

function commandFrom(event: JsonObject, id: string): ThreadItem {
  const output = asString(event["aggregated_output"]) ?? "";
  const exitCode = asInteger(event["exit_code"]);
  return {
    type: "commandExecution",
    id,
    command: joinShellWords(asStrings(event["command"])),
    cwd: asString(event["cwd"]) ?? "",
    processId: asString(event["process_id"]),
    source: asOneOf(toCamelCase(asString(event["source"]) ?? "agent"), [
      "agent",
      "userShell",
      "unifiedExecStartup",
      "unifiedExecInteraction",
    ]) ?? "agent",
    status: asOneOf(event["status"], ["completed", "failed", "declined"]) ?? (exitCode === 0 ? "completed" : "failed"),
    commandActions: asArray(event["parsed_cmd"]).flatMap(actionFrom),
    aggregatedOutput: output === "" ? null : output,
    exitCode,
    durationMs: durationFrom(event["duration"]),
    ...("sandbox_denials" in event ? { sandboxDenials: asStrings(event["sandbox_denials"]) } : {}),
  };
}

function actionFrom(value: unknown): CommandAction[] {
  const action = asObject(value);
  const command = asString(action?.["cmd"]);
  if (action === null || command === null) return [];
  const path = asString(action["path"]);
  switch (action["type"]) {
    case "read":
      return [{ type: "read", command, name: asString(action["name"]) ?? "", path: path ?? "" }];
    case "list_files":
      return [{ type: "listFiles", command, path }];
    case "search":
      return [{ type: "search", command, query: asString(action["query"]), path }];
    default:
      return [{ type: "unknown", command }];
  }
}

function changesFrom(value: unknown): FileUpdateChange[] {
  const changes = Object.entries(asObject(value) ?? {}).flatMap(([path, entry]): FileUpdateChange[] => {
    const change = asObject(entry);
    const content = asString(change?.["content"]) ?? "";
    if (change?.["type"] === "add") return [{ path, kind: { type: "add" }, diff: content }];
    if (change?.["type"] === "delete") return [{ path, kind: { type: "delete" }, diff: content }];
    if (change?.["type"] !== "update") return [];
    const movePath = asString(change["move_path"]);
    const hunks = asString(change["unified_diff"]) ?? "";
    const diff = movePath === null ? hunks : hunks + movedSuffix(movePath);
    return [{ path, kind: { type: "update", move_path: movePath }, diff }];
  });
  return changes.sort((left, right) => left.path < right.path ? -1 : left.path > right.path ? 1 : 0);
}

function mcpCallFrom(event: JsonObject, id: string): ThreadItem {
  const invocation = asObject(event["invocation"]);
  const outcome = asObject(event["result"]);
  const result = asObject(outcome?.["Ok"]);
  return {
    type: "mcpToolCall",
    id,
    server: asString(invocation?.["server"]) ?? "",
    tool: asString(invocation?.["tool"]) ?? "",
    status: result === null || result["isError"] === true ? "failed" : "completed",
    arguments: invocation?.["arguments"] ?? null,
    result: result === null ? null : {
      content: [...asArray(result["content"])],
      structuredContent: result["structuredContent"] ?? null,
      _meta: result["_meta"] ?? null,
    },
    error: result === null ? { message: asString(outcome?.["Err"]) ?? "" } : null,
    durationMs: durationFrom(event["duration"]),
  };
}

function dynamicContent(
  value: unknown,
): ({ type: "inputText"; text: string } | { type: "inputImage"; imageUrl: string })[] {
  const item = asObject(value);
  const text = asString(item?.["text"]);
  const imageUrl = asString(item?.["imageUrl"]);
  if (item?.["type"] === "inputText" && text !== null) return [{ type: "inputText", text }];
  if (item?.["type"] === "inputImage" && imageUrl !== null) return [{ type: "inputImage", imageUrl }];
  return [];
}

function searchAction(value: unknown): WebSearchAction | null {
  const action = asObject(value);
  if (action === null) return null;
  const queries = Array.isArray(action["queries"]) ? asStrings(action["queries"]) : null;
  switch (action["type"]) {
    case "search":
      return { type: "search", query: asString(action["query"]), queries };
    case "open_page":
      return { type: "openPage", url: asString(action["url"]) };
    case "find_in_page":
      return { type: "findInPage", url: asString(action["url"]), pattern: asString(action["pattern"]) };
    default:
      return { type: "other" };
  }
}

function durationFrom(value: unknown): number | null {
  const duration = asObject(value);
  const secs = asInteger(duration?.["secs"]);
  const nanos = asInteger(duration?.["nanos"]);
  return secs === null || nanos === null ? null : secs * 1000 + Math.floor(nanos / 1_000_000);
}
