// The JSON body of a Responses API request. Source: recorded requests of the reference.
import type { ResponseItem } from "../protocol/types/response_item.ts";
import { type ModelInfo, modelInfo } from "./catalog.ts";
import type { ModelRequest } from "./model_client.ts";

/** What is null in the request takes the model's default; what the model does not take is left out. */
export function toRequestBody(request: ModelRequest, installationId: string | undefined): Record<string, unknown> {
  const info = modelInfo(request.model);
  const reasoning = toReasoning(request, info);
  const text = toText(request, info);
  return {
    model: request.model,
    instructions: request.instructions,
    input: request.input.flatMap(toInputItem),
    tools: request.tools,
    tool_choice: "auto",
    parallel_tool_calls: info.parallelToolCalls && request.tools.length > 0,
    reasoning,
    store: false,
    stream: true,
    include: reasoning === null ? [] : ["reasoning.encrypted_content"],
    ...(request.serviceTier === null ? {} : { service_tier: SERVICE_TIERS[request.serviceTier] }),
    prompt_cache_key: request.threadId,
    ...(text === null ? {} : { text }),
    ...(installationId === undefined ? {} : { client_metadata: { "x-codex-installation-id": installationId } }),
  };
}

const SERVICE_TIERS = { fast: "priority", flex: "flex" } as const;

function toReasoning(request: ModelRequest, info: ModelInfo): Record<string, unknown> | null {
  if (!info.supportsReasoning) return null;
  const effort = request.reasoningEffort ?? info.defaultEffort;
  const summary = request.reasoningSummary ?? info.defaultSummary;
  return { ...(effort === null ? {} : { effort }), ...(summary === "none" ? {} : { summary }) };
}

function toText(request: ModelRequest, info: ModelInfo): Record<string, unknown> | null {
  const verbosity = info.defaultVerbosity === null ? null : request.verbosity ?? info.defaultVerbosity;
  const format = request.outputSchema === null || request.outputSchema === undefined
    ? null
    : { type: "json_schema", strict: true, schema: request.outputSchema, name: "codex_output_schema" };
  if (verbosity === null && format === null) return null;
  return { ...(verbosity === null ? {} : { verbosity }), ...(format === null ? {} : { format }) };
}

/**
 * An item as the provider takes it back: nothing is stored there, so ids would name nothing. Items that only this
 * product understands are left out.
 */
function toInputItem(item: ResponseItem): Record<string, unknown>[] {
  switch (item.type) {
    case "ghost_snapshot":
    case "other":
      return [];
    case "image_generation_call":
      return [item];
    case "reasoning":
      return [{
        type: item.type,
        summary: item.summary,
        // Raw reasoning text is the provider's to give, not to get: with `encrypted_content` it is refused.
        ...(item.content?.some((part) => part.type === "reasoning_text") ? {} : { content: item.content ?? null }),
        encrypted_content: item.encrypted_content ?? null,
      }];
    case "local_shell_call":
    case "tool_search_call":
      return [{ ...withoutNulls(item), call_id: item.call_id ?? null }];
    case "tool_search_output":
      return [{ ...withoutNulls(item), call_id: item.call_id ?? null }];
    case "message":
    case "function_call":
    case "function_call_output":
    case "custom_tool_call":
    case "custom_tool_call_output":
    case "web_search_call":
    case "compaction":
      return [withoutNulls(item)];
  }
}

function withoutNulls(item: ResponseItem): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).filter(([name, value]) => name !== "id" && value !== null && value !== undefined),
  );
}
