// Input that arrives while a turn runs waits here until the turn's next safe point: after the tool outputs of a
// response, or instead of ending. The turn's first input takes the same way. Checks are those of `turn/steer`.
import type { UserInput } from "../protocol/types/item.ts";
import { SteerRejected } from "./threads.ts";

export interface SteerRequest {
  readonly expectedTurnId: string;
  readonly input: readonly UserInput[];
  /** Null when no turn runs. */
  readonly runningTurnId: string | null;
}

/** @throws SteerRejected with the wire's message. */
export function checkSteer({ expectedTurnId, input, runningTurnId }: SteerRequest): void {
  // wire: these four messages are what clients of the reference know.
  if (expectedTurnId === "") throw new SteerRejected("expectedTurnId must not be empty");
  if (input.length === 0) throw new SteerRejected("input must not be empty");
  if (runningTurnId === null) throw new SteerRejected("no active turn to steer");
  if (expectedTurnId !== runningTurnId) {
    throw new SteerRejected(`expected active turn id \`${expectedTurnId}\` but found \`${runningTurnId}\``);
  }
}

/** Inputs that may wait for one turn; more are refused, so that a client that floods a slow turn hears of it. */
const MAX_PENDING_INPUTS = 64;

/** What was said to a turn and not taken by it yet, in order. */
export class PendingInput {
  readonly #waiting: (readonly UserInput[])[];

  constructor(first: readonly UserInput[]) {
    this.#waiting = [first];
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** @throws SteerRejected when too much waits already. */
  push(input: readonly UserInput[]): void {
    if (this.#waiting.length >= MAX_PENDING_INPUTS) {
      throw new SteerRejected(`too many inputs wait for the active turn: ${MAX_PENDING_INPUTS}; retry later`);
    }
    this.#waiting.push(input);
  }

  /** The oldest that waits, or null. */
  take(): readonly UserInput[] | null {
    return this.#waiting.shift() ?? null;
  }
}
