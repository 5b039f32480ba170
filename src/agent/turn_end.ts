// How a turn ends: which error clients are told, and which failures end it at all.
import { CodexError, messageOf } from "../base/errors.ts";
import { ModelError } from "../model/model_error.ts";
import type { TurnError } from "../protocol/types/turn.ts";

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
