// A command line that cannot be understood: exit code 2, and enough said to get it right the next time.
import { CodexError } from "../base/errors.ts";
import type { CommandName } from "./commands.ts";

export interface UsageErrorOptions {
  /** What to try instead. */
  readonly tip?: string;
  /** Show how this command is used. Default: no usage lines. */
  readonly usageOf?: CommandName;
}

export class UsageError extends CodexError {
  override readonly name = "UsageError";
  readonly usageOf: CommandName | null;

  constructor(message: string, options: UsageErrorOptions = {}) {
    super("USAGE", message, options.tip === undefined ? {} : { hint: options.tip });
    this.usageOf = options.usageOf ?? null;
  }
}
