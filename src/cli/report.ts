// How an error reaches a person: one clear line on stderr and, where there is one, what to do about it.
import { CodexError, messageOf } from "../base/errors.ts";
import { EXIT_FAILED, EXIT_USAGE } from "./exit_codes.ts";
import { usageLines } from "./help.ts";
import { UsageError } from "./usage_error.ts";

export interface ErrorReport {
  /** Ends with a line break. */
  readonly text: string;
  readonly exitCode: number;
}

export function reportError(error: unknown): ErrorReport {
  if (error instanceof UsageError) return { text: usageText(error), exitCode: EXIT_USAGE };
  const hint = error instanceof CodexError && error.hint !== undefined ? `  tip: ${error.hint}\n` : "";
  return { text: `Error: ${messageOf(error)}\n${hint}`, exitCode: EXIT_FAILED };
}

function usageText(error: UsageError): string {
  const parts = [`error: ${error.message}`];
  if (error.hint !== undefined) parts.push(`  tip: ${error.hint}`);
  if (error.usageOf !== null) parts.push(usageLines(error.usageOf));
  parts.push("For more information, try '--help'.");
  return `${parts.join("\n\n")}\n`;
}
