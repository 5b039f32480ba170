// The models that the product knows, as data.
import type { ModelListParams, ModelListResponse } from "../protocol/types/model.ts";
import type { ReasoningEffort, ReasoningSummary, Verbosity } from "../protocol/types/policy.ts";

export interface ModelInfo {
  readonly slug: string;
  /** Tokens that a thread may use: 95 % of the model's own window. */
  readonly contextWindow: number;
  /** False: no `reasoning` in the request. */
  readonly supportsReasoning: boolean;
  readonly defaultEffort: ReasoningEffort | null;
  readonly defaultSummary: ReasoningSummary;
  /** Null: the model takes no verbosity. */
  readonly defaultVerbosity: Verbosity | null;
  readonly parallelToolCalls: boolean;
  /** The model is offered the free-form `apply_patch` tool. */
  readonly applyPatchTool: boolean;
  readonly supportsImages: boolean;
  readonly supportsPersonality: boolean;
  /** Tool output longer than this is cut in the middle before the model sees it. */
  readonly toolOutputTokens: number;
}

/** The model of a thread when nothing names one. */
export const DEFAULT_MODEL = "gpt-5.3-codex";

export function listModels(_params: ModelListParams): ModelListResponse {
  throw new Error("in the making");
}

/** Facts of a model; a slug that the catalog does not have takes those of its longest known prefix, else safe ones. */
export function modelInfo(_slug: string): ModelInfo {
  throw new Error("in the making");
}
