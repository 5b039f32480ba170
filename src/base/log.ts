// The operator's log as rooms see it: a message, a severity, plain fields. Who reads it, in which form and from which
// severity on is decided by cli/log_lines.ts. Never put content, paths of a user's work or secrets into it.

/** From the gravest to the finest. */
export const LOG_LEVELS = ["error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export interface Log {
  /** Worth making an expensive message for? */
  isEnabled(level: LogLevel): boolean;
  /** `cause` is what was thrown, where there is one. */
  error(message: string, fields?: LogFields, cause?: unknown): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  trace(message: string, fields?: LogFields): void;
  /** The same log for a part of the program; a filter names it, e.g. `auth=debug`. */
  for(target: string): Log;
}

export const SILENT_LOG: Log = {
  isEnabled: () => false,
  error(): void {},
  warn(): void {},
  info(): void {},
  debug(): void {},
  trace(): void {},
  for: () => SILENT_LOG,
};
