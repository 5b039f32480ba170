// The models that the product knows, as data. Facts (ids, efforts, windows, what a request may carry) are those of the
// reference, recorded from its `model/list` answers and its requests; the sentences are ours.
import type { Model, ModelListParams, ModelListResponse } from "../protocol/types/model.ts";
import type { ReasoningEffort, ReasoningSummary, Verbosity } from "../protocol/types/policy.ts";
import { CodexError } from "../base/errors.ts";

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

interface CatalogRow {
  readonly slug: string;
  readonly description: string;
  /** Left out of the list unless it is asked for whole. */
  readonly hidden?: true;
  /** What to move to. */
  readonly upgrade?: string;
  readonly efforts: readonly ReasoningEffort[];
  readonly summary: ReasoningSummary;
  readonly verbosity: Verbosity | null;
  readonly parallel: boolean;
  readonly personality?: true;
  readonly fastTier?: true;
  /** Default 272,000. */
  readonly window?: number;
  readonly textOnly?: true;
  readonly noApplyPatch?: true;
}

/** The model of a thread when nothing names one. */
export const DEFAULT_MODEL = "gpt-5.3-codex";

const DEFAULT_WINDOW = 272_000;
const USABLE_SHARE = 0.95;
const DEFAULT_EFFORT = "medium";
const TOOL_OUTPUT_TOKENS = 10_000;
const CATALOG: readonly CatalogRow[] = [
  {
    slug: "gpt-5.3-codex",
    description: "The coding specialist; the choice for most work in a repository.",
    upgrade: "gpt-5.4",
    efforts: ["low", "medium", "high", "xhigh"],
    summary: "none",
    verbosity: "low",
    parallel: true,
    personality: true,
  },
  {
    slug: "gpt-5.4",
    description: "The newest general model, strong at agentic coding.",
    efforts: ["low", "medium", "high", "xhigh"],
    summary: "none",
    verbosity: "low",
    parallel: true,
    personality: true,
    fastTier: true,
  },
  {
    slug: "gpt-5.2-codex",
    description: "The coding specialist of the generation before.",
    upgrade: "gpt-5.4",
    efforts: ["low", "medium", "high", "xhigh"],
    summary: "auto",
    verbosity: null,
    parallel: true,
    personality: true,
  },
  {
    slug: "gpt-5.1-codex-max",
    description: "An earlier coding specialist for long tasks.",
    upgrade: "gpt-5.4",
    efforts: ["low", "medium", "high", "xhigh"],
    summary: "auto",
    verbosity: null,
    parallel: false,
  },
  {
    slug: "gpt-5.1-codex",
    description: "An earlier coding specialist.",
    hidden: true,
    upgrade: "gpt-5.3-codex",
    efforts: ["low", "medium", "high"],
    summary: "auto",
    verbosity: null,
    parallel: false,
  },
  {
    slug: "gpt-5.2",
    description: "A general model for knowledge, reasoning and code.",
    upgrade: "gpt-5.4",
    efforts: ["low", "medium", "high", "xhigh"],
    summary: "auto",
    verbosity: "low",
    parallel: true,
  },
  {
    slug: "gpt-5.1",
    description: "An earlier general model.",
    hidden: true,
    upgrade: "gpt-5.3-codex",
    efforts: ["low", "medium", "high"],
    summary: "auto",
    verbosity: "low",
    parallel: true,
  },
  {
    slug: "gpt-5-codex",
    description: "The first coding specialist of its family.",
    hidden: true,
    upgrade: "gpt-5.3-codex",
    efforts: ["low", "medium", "high"],
    summary: "auto",
    verbosity: null,
    parallel: false,
  },
  {
    slug: "gpt-5",
    description: "The first general model of its family.",
    hidden: true,
    upgrade: "gpt-5.3-codex",
    efforts: ["minimal", "low", "medium", "high"],
    summary: "auto",
    verbosity: null,
    parallel: false,
    noApplyPatch: true,
  },
  {
    slug: "gpt-oss-120b",
    description: "Open weights, 120 billion parameters; runs on your own machines.",
    hidden: true,
    efforts: ["low", "medium", "high"],
    summary: "auto",
    verbosity: null,
    parallel: false,
    window: 128_000,
    textOnly: true,
  },
  {
    slug: "gpt-oss-20b",
    description: "Open weights, 20 billion parameters; runs on one good machine.",
    hidden: true,
    efforts: ["low", "medium", "high"],
    summary: "auto",
    verbosity: null,
    parallel: false,
    window: 128_000,
    textOnly: true,
  },
  {
    slug: "gpt-5.1-codex-mini",
    description: "A small, quick and cheap coding model for simpler tasks.",
    upgrade: "gpt-5.4",
    efforts: ["medium", "high"],
    summary: "auto",
    verbosity: null,
    parallel: false,
  },
  {
    slug: "gpt-5-codex-mini",
    description: "An earlier small coding model.",
    hidden: true,
    upgrade: "gpt-5.3-codex",
    efforts: ["medium", "high"],
    summary: "auto",
    verbosity: null,
    parallel: false,
  },
];

const EFFORTS: Readonly<Record<ReasoningEffort, string>> = {
  none: "Answers at once, without reasoning first",
  minimal: "Hardly any reasoning; the quickest answers",
  low: "Quick, with light reasoning",
  medium: "A balance of speed and depth for daily work",
  high: "Deeper reasoning for hard problems",
  xhigh: "The deepest reasoning, for the hardest problems",
};

function toModel(row: CatalogRow): Model {
  return {
    id: row.slug,
    model: row.slug,
    upgrade: row.upgrade ?? null,
    upgradeInfo: row.upgrade === undefined ? null : {
      model: row.upgrade,
      upgradeCopy: null,
      modelLink: null,
      migrationMarkdown: `**${row.upgrade}** is available and follows ${row.slug}. Choose it with \`/model\`, ` +
        `or keep ${row.slug}: nothing changes until you do.`,
    },
    availabilityNux: null,
    displayName: row.slug,
    description: row.description,
    hidden: row.hidden ?? false,
    supportedReasoningEfforts: row.efforts.map((effort) => ({ reasoningEffort: effort, description: EFFORTS[effort] })),
    defaultReasoningEffort: DEFAULT_EFFORT,
    inputModalities: row.textOnly ? ["text"] : ["text", "image"],
    supportsPersonality: row.personality ?? false,
    additionalSpeedTiers: row.fastTier ? ["fast"] : [],
    isDefault: row.slug === DEFAULT_MODEL,
  };
}

const ALL_MODELS: readonly Model[] = CATALOG.map(toModel);
const VISIBLE_MODELS: readonly Model[] = ALL_MODELS.filter((model) => !model.hidden);

/**
 * `model/list`. A cursor is the index of the next model; a limit of 0 counts as 1.
 * @throws CodexError PROTOCOL for a cursor that was not handed out.
 */
export function listModels(params: ModelListParams): ModelListResponse {
  const models = params.includeHidden ? ALL_MODELS : VISIBLE_MODELS;
  const start = readCursor(params.cursor ?? null, models.length);
  const end = Math.min(models.length, start + Math.max(1, params.limit ?? models.length));
  return { data: models.slice(start, end), nextCursor: end < models.length ? String(end) : null };
}

function readCursor(cursor: string | null, total: number): number {
  if (cursor === null) return 0;
  // wire: both sentences, and that a plus sign is read.
  if (!/^\+?\d{1,15}$/.test(cursor)) throw new CodexError("PROTOCOL", `invalid cursor: ${cursor}`);
  const start = Number(cursor);
  if (start > total) throw new CodexError("PROTOCOL", `cursor ${start} exceeds total models ${total}`);
  return start;
}

/**
 * Facts of a model. A slug that the catalog does not have takes those of its longest known prefix ("gpt-5.4-mini" is a
 * gpt-5.4), a leading "vendor/" set aside; any other is taken to know nothing but function calls.
 */
export function modelInfo(slug: string): ModelInfo {
  const row = findRow(slug) ?? findRow(slug.slice(slug.lastIndexOf("/") + 1));
  const contextWindow = Math.floor((row?.window ?? DEFAULT_WINDOW) * USABLE_SHARE);
  if (row === null) return { ...UNKNOWN_MODEL, slug, contextWindow };
  return {
    slug,
    contextWindow,
    supportsReasoning: true,
    defaultEffort: DEFAULT_EFFORT,
    defaultSummary: row.summary,
    defaultVerbosity: row.verbosity,
    parallelToolCalls: row.parallel,
    applyPatchTool: !row.noApplyPatch,
    supportsImages: !row.textOnly,
    supportsPersonality: row.personality ?? false,
    toolOutputTokens: TOOL_OUTPUT_TOKENS,
  };
}

const UNKNOWN_MODEL = {
  supportsReasoning: false,
  defaultEffort: null,
  defaultSummary: "auto",
  defaultVerbosity: null,
  parallelToolCalls: false,
  applyPatchTool: false,
  supportsImages: true,
  supportsPersonality: false,
  toolOutputTokens: TOOL_OUTPUT_TOKENS,
} as const;

function findRow(slug: string): CatalogRow | null {
  let best: CatalogRow | null = null;
  for (const row of CATALOG) {
    if (slug.startsWith(row.slug) && row.slug.length > (best?.slug.length ?? 0)) best = row;
  }
  return best;
}
