// How long a tool waits for a command before the model gets the word again. Interruption ends the command.
import type { ExecExit } from "../../exec/session.ts";
import type { Turn } from "../turn.ts";
import type { CommandRun } from "./command_run.ts";
import type { ToolContext } from "./tool.ts";

interface YieldLimits {
  /** Milliseconds. */
  readonly min: number;
  readonly max: number;
  readonly usual: number;
}

export const YIELD_AFTER_START_MS: YieldLimits = { min: 250, max: 30_000, usual: 10_000 };
export const YIELD_AFTER_INPUT_MS: YieldLimits = { min: 250, max: 30_000, usual: 250 };
/** A look without input waits longer, so that a model does not poll in a loop. */
export const YIELD_POLL_MS: YieldLimits = { min: 5_000, max: 300_000, usual: 5_000 };

export function clampYield(asked: number | null, { min, max, usual }: YieldLimits): number {
  return Math.min(max, Math.max(min, asked ?? usual));
}

/**
 * The command's end, or null when it still runs after `ms`. Rejects with the abort reason when the turn is
 * interrupted; a command of this turn and its item are finished by then.
 */
export async function waitForCommand(
  run: CommandRun,
  ms: number,
  { turn, clock }: Pick<ToolContext, "turn" | "clock">,
): Promise<ExecExit | null> {
  const timer = new AbortController();
  const signal = AbortSignal.any([timer.signal, turn.signal]);
  try {
    const timeUp = clock.sleep(ms, signal).then(() => null, () => null);
    const exit = await Promise.race([run.session.exited, timeUp]);
    if (turn.signal.aborted) {
      // A command of an earlier turn that was only looked at goes on.
      if (run.turn === turn) await run.end();
      turn.signal.throwIfAborted();
    }
    return exit;
  } finally {
    timer.abort();
  }
}

/** Settles as `work` does, or rejects with the abort reason: a command that does not read holds up its writer. */
export async function unlessInterrupted(work: Promise<void>, { signal }: Turn): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
