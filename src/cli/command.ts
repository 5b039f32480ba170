// What a command gets and gives: the decided arguments and the outside world in, an exit code out.

export interface CliContext {
  readonly environment: Readonly<Record<string, string>>;
  /** The folder the program was started in. */
  readonly folder: string;
  readonly isStdinTerminal: boolean;
  readonly isStdoutTerminal: boolean;
  readonly isStderrTerminal: boolean;
  /** Print at once; a reader that has gone is ignored. */
  printStdout(text: string): void;
  printStderr(text: string): void;
}
