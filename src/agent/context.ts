// What the model is told besides the conversation: permissions, the environment, the project's instructions. Sent
// whole at a thread's first turn; later turns send only what changed since the turn before.
import { baseName } from "../base/absolute_path.ts";
import { userShell } from "../exec/command_line.ts";
import type { Personality } from "../protocol/types/policy.ts";
import type { ResponseItem } from "../protocol/types/response_item.ts";
import { sandboxPolicyOnDisk } from "../store/sandbox_policy_record.ts";
import type { TurnContextRecord } from "../store/thread_store.ts";
import { permissionsText, profileText } from "./prompts/permissions.ts";
import {
  COLLABORATION_MODE_ENDED,
  collaborationModeText,
  modelSwitchText,
  personalityText,
  projectInstructionsText,
} from "./prompts/turn_notes.ts";
import type { SandboxPlan } from "../sandbox/plan.ts";
import type { TurnSettings } from "./thread_settings.ts";

export interface Surroundings {
  /** File name of the shell, as "bash". */
  readonly shell: string;
  /** Local date, YYYY-MM-DD. */
  readonly currentDate: string;
  /** IANA name. */
  readonly timezone: string;
}

/** What counts where the machine's own zone is not known. */
const FALLBACK_TIMEZONE = "Etc/UTC";

/** With TZ empty or wrong, the engine names no zone, or one that it does not take itself. */
function isKnownTimezone(timezone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export function readSurroundings(
  nowMs: number,
  environment: Readonly<Record<string, string>>,
  machineTimezone: string | undefined = Intl.DateTimeFormat().resolvedOptions().timeZone,
): Surroundings {
  const timezone = machineTimezone && isKnownTimezone(machineTimezone) ? machineTimezone : FALLBACK_TIMEZONE;
  // The Swedish locale writes dates in ISO order.
  const currentDate = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone }).format(nowMs);
  return { shell: baseName(userShell(environment)), currentDate, timezone };
}

function message(role: "developer" | "user", texts: readonly string[]): ResponseItem {
  return { type: "message", role, content: texts.map((text) => ({ type: "input_text", text })) };
}

/** wire: the shape of this text is that of the reference; models know it. */
function environmentText(cwd: string, { shell, currentDate, timezone }: Surroundings): string {
  return [
    "<environment_context>",
    `  <cwd>${cwd}</cwd>`,
    `  <shell>${shell}</shell>`,
    `  <current_date>${currentDate}</current_date>`,
    `  <timezone>${timezone}</timezone>`,
    "</environment_context>",
  ].join("\n");
}

export interface ContextParts {
  readonly settings: TurnSettings;
  readonly surroundings: Surroundings;
  /** What commands may touch, for the text about permissions; null without a sandbox. */
  readonly plan: SandboxPlan | null;
  readonly developerInstructions: string | null;
  /** Text of the AGENTS.md files, or null. */
  readonly projectInstructions: string | null;
}

function collaborationOf(settings: TurnSettings): string | null {
  return settings.collaborationMode?.settings.developer_instructions || null;
}

function permissionsOf({ settings, plan }: ContextParts): string {
  return settings.permissions !== null && plan !== null
    ? profileText(plan, settings.approvalPolicy)
    : permissionsText(settings.sandbox, settings.approvalPolicy, plan?.writable ?? []);
}

export function initialContext(parts: ContextParts): ResponseItem[] {
  const { settings, surroundings } = parts;
  const developer = [permissionsOf(parts)];
  if (parts.developerInstructions) developer.push(parts.developerInstructions);
  const collaboration = collaborationOf(settings);
  if (collaboration !== null) developer.push(collaborationModeText(collaboration));
  if (settings.personality !== null && settings.personality !== DEFAULT_PERSONALITY) {
    developer.push(personalityText(settings.personality));
  }
  const user = [environmentText(settings.cwd, surroundings)];
  if (parts.projectInstructions) user.unshift(projectInstructionsText(settings.cwd, parts.projectInstructions));
  return [message("developer", developer), message("user", user)];
}

/** The tone that the system prompt has by itself. */
const DEFAULT_PERSONALITY: Personality = "pragmatic";

/** What changed since `before`, the last turn's record; empty when nothing did. */
export function contextUpdate(before: TurnContextRecord, parts: ContextParts): ResponseItem[] {
  const { settings, surroundings } = parts;
  const developer: string[] = [];
  const previousModel = before["model"];
  if (typeof previousModel === "string" && previousModel !== settings.model) {
    developer.push(modelSwitchText(previousModel));
  }
  const permissionsChanged = !same(before["approval_policy"], settings.approvalPolicy) ||
    !same(before["sandbox_policy"], sandboxPolicyOnDisk(settings.sandbox));
  if (permissionsChanged) developer.push(permissionsOf(parts));
  const collaboration = collaborationOf(settings);
  if (collaboration !== null && collaboration !== recordedCollaboration(before)) {
    developer.push(collaborationModeText(collaboration));
  }
  if (collaboration === null && recordedCollaboration(before) !== null) developer.push(COLLABORATION_MODE_ENDED);
  const previousTone = before["personality"] ?? DEFAULT_PERSONALITY;
  if (settings.personality !== null && settings.personality !== previousTone) {
    developer.push(personalityText(settings.personality));
  }
  const items = developer.length === 0 ? [] : [message("developer", developer)];
  const moved = before.cwd !== settings.cwd || before["current_date"] !== surroundings.currentDate ||
    before["timezone"] !== surroundings.timezone;
  if (moved) items.push(message("user", [environmentText(settings.cwd, surroundings)]));
  return items;
}

/** The instructions of the mode that a turn ran in, or null. */
function recordedCollaboration(record: TurnContextRecord): unknown {
  const mode = record["collaboration_mode"];
  if (typeof mode !== "object" || mode === null || !("settings" in mode)) return null;
  const inner = mode.settings;
  return typeof inner === "object" && inner !== null && "developer_instructions" in inner
    ? inner.developer_instructions || null
    : null;
}

/** Equality of plain JSON values, whatever the order of keys. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([key, value]) => right.has(key) && same(value, right.get(key)));
}
