// What the person allowed for the rest of the session. Commands count as the same when argv, folder and the way they
// run are; patches are allowed file by file. Lives and dies with the loaded thread.

export interface CommandKey {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Runs outside of the sandbox. */
  readonly escalated: boolean;
  readonly tty: boolean;
}

function keyOf({ argv, cwd, escalated, tty }: CommandKey): string {
  return JSON.stringify([argv, cwd, escalated, tty]);
}

export class ApprovalCache {
  readonly #commands = new Set<string>();
  readonly #files = new Set<string>();

  allowCommand(key: CommandKey): void {
    this.#commands.add(keyOf(key));
  }

  allowsCommand(key: CommandKey): boolean {
    return this.#commands.has(keyOf(key));
  }

  /** Absolute paths. */
  allowFiles(paths: readonly string[]): void {
    for (const path of paths) this.#files.add(path);
  }

  allowsFiles(paths: readonly string[]): boolean {
    return paths.length > 0 && paths.every((path) => this.#files.has(path));
  }
}
