// What flags that several commands share say about the configuration.

/** The command line's share of the configuration. */
export interface ConfigArgs {
  /** `-c` texts in order, as typed. */
  readonly assignments: readonly string[];
  /** What other flags stand for; they win over the assignments. */
  readonly settings: readonly { readonly key: string; readonly value: string | boolean }[];
  readonly profile: string | null;
  /** More folders to write to, as typed. */
  readonly writableRoots: readonly string[];
  /** A local model server: its id, or "detect"; null when `--oss` was not given. */
  readonly localProvider: string | null;
}
