// Input that arrives while a turn runs waits here until the turn's next safe point: after the tool outputs of a
// response, or instead of ending. Checks are those of `turn/steer`.
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

export class PendingInput {
  #waiting: (readonly UserInput[])[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  push(input: readonly UserInput[]): void {
    this.#waiting.push(input);
  }

  /** All that waits, in order; nothing waits after. */
  takeAll(): (readonly UserInput[])[] {
    return this.#waiting.splice(0);
  }
}
