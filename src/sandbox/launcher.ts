// What a platform's launcher turns a plan into: a real command line, its environment and the bytes it reads on extra
// descriptors. Pure data, so that it can be printed and tested without running anything.

export interface LaunchSpec {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Written to inherited descriptors, in the order of fd 3, 4, … (argv refers to them by number). */
  readonly extraFds: readonly Uint8Array[];
}

export interface CommandToLaunch {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}
