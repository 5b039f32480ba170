// What a tool is: how the model is told of it, whether it may run beside others, and the doing. A tool announces its
// own items and returns the text that the model gets; failures of the work are such text, not exceptions. It throws
// only when the turn is interrupted or the record cannot be written.
import type { EffectiveConfig } from "../../config/effective_config.ts";
import type { CommandInspector } from "../../exec/command_inspection.ts";
import type { ExecSessions } from "../../exec/session.ts";
import type { ToolSpec } from "../../model/model_client.ts";
import type { ApprovalCache } from "../approval_cache.ts";
import type { CommandRules } from "../command_rules.ts";
import type { ApprovalPort, Clock } from "../ports.ts";
import type { StatusTracker } from "../thread_status.ts";
import type { TurnSettings } from "../thread_settings.ts";
import type { Turn } from "../turn.ts";
import type { TurnDiff } from "../turn_diff.ts";
import type { CommandRuns } from "./command_run.ts";

export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  /** JSON text of the arguments, or the free-form input. */
  readonly input: string;
}

/** All that a tool may use of its turn and thread. */
export interface ToolContext {
  readonly turn: Turn;
  readonly settings: TurnSettings;
  readonly config: EffectiveConfig;
  readonly status: StatusTracker;
  readonly approvals: ApprovalPort;
  readonly cache: ApprovalCache;
  readonly exec: ExecSessions;
  /** Commands of the thread, those left in the background too. */
  readonly runs: CommandRuns;
  /** Says what a command is. */
  readonly inspector: CommandInspector;
  readonly rules: CommandRules;
  readonly diff: TurnDiff;
  readonly clock: Clock;
  readonly codexHome: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Most tokens of output that the model takes at once. */
  readonly toolOutputTokens: number;
}

export interface Tool {
  readonly spec: ToolSpec;
  /** May run at the same time as other calls of one response that may. */
  readonly isParallel: boolean;
  run(call: ToolCall, context: ToolContext): Promise<string>;
}

/** Arguments as an object, or the sentence that the model gets about them. */
export function parseArguments(call: ToolCall): Readonly<Record<string, unknown>> | string {
  try {
    const value: unknown = JSON.parse(call.input);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      // A JSON object: its keys are strings and its values unknown.
      return value as Readonly<Record<string, unknown>>;
    }
    return badArguments(call, "invalid type: expected an object");
  } catch (error) {
    return badArguments(call, error instanceof Error ? error.message : String(error));
  }
}

/** wire: models know this sentence; the column is where the arguments end. */
export function badArguments(call: ToolCall, why: string): string {
  return `failed to parse function arguments: ${why} at line 1 column ${call.input.length}`;
}
