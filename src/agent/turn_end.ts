// How a turn ends badly: which error clients are told, which failures end it at all, and the end itself, for turns that
// ran and for those that could not begin.
import { CodexError, messageOf } from "../base/errors.ts";
import { ModelError } from "../model/model_error.ts";
import type { ThreadItem } from "../protocol/types/item.ts";
import type { TurnError } from "../protocol/types/turn.ts";
import { taskComplete, type TaskEnd, turnFailed } from "../store/rollout_record.ts";
import type { Clock } from "./ports.ts";
import type { StatusTracker } from "./thread_status.ts";
import type { Turn } from "./turn.ts";
import { recordInput, tellInput } from "./turn_input.ts";

/** The record cannot be kept: going on would promise what is not safe. Other failures of a tool are its output. */
export function isFatal(error: unknown): boolean {
  return error instanceof CodexError && error.code === "STORE_FAILED";
}

export function toTurnError(error: unknown): TurnError {
  if (error instanceof ModelError) {
    return { message: error.message, codexErrorInfo: error.info, additionalDetails: null };
  }
  const hint = error instanceof CodexError ? error.hint : undefined;
  return { message: messageOf(error), codexErrorInfo: "other", additionalDetails: hint ?? null };
}

export function taskEnd(turn: Turn, nowMs: number): TaskEnd {
  return {
    turnId: turn.id,
    completedAt: Math.floor(nowMs / 1000),
    durationMs: Math.round(nowMs - turn.startedAtMs),
  };
}

export interface FailedTurn {
  readonly turn: Turn;
  readonly status: StatusTracker;
  readonly clock: Clock;
  /** Where relative paths of input that was not taken yet start. */
  readonly cwd: string;
  readonly lastAgentMessage: string | null;
}

/**
 * Ends a turn as failed. Input that it did not get to take is recorded, and told when that is saved. Never rejects: a
 * record that cannot be kept is one more error to tell.
 */
export async function failTurn(failed: FailedTurn, error: TurnError): Promise<void> {
  const { turn, status, clock, cwd, lastAgentMessage } = failed;
  turn.refuseInput();
  let problem: TurnError | null = null;
  try {
    const unsaid: ThreadItem[] = [];
    for (let input = turn.pending.take(); input !== null; input = turn.pending.take()) {
      unsaid.push(await recordInput(turn, input, cwd));
    }
    turn.journal.append(turnFailed(error), taskComplete({ ...taskEnd(turn, clock.nowMs()), lastAgentMessage }));
    await turn.journal.save();
    for (const item of unsaid) await tellInput(turn, item);
  } catch (thrown) {
    problem = toTurnError(thrown);
  }
  turn.settle("failed", error, clock.nowMs());
  status.set({ type: "systemError" });
  turn.emit({ method: "error", params: { error, willRetry: false } });
  // The same trouble is not told twice.
  if (problem !== null && problem.message !== error.message) {
    turn.emit({ method: "error", params: { error: problem, willRetry: false } });
  }
  turn.announceEnd();
}
