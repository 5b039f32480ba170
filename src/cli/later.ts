// Table of commands and flags that tools of Codex CLI 0.120.0 may use and that this version does not have. They are
// refused by name: `codex exec …` must not become a session whose first request is the word "exec".

export interface LaterCommand {
  readonly word: string;
  /** How many words name it when it is refused. */
  readonly words: 1 | 2;
  /** Takes `--remote`, so that it is not refused for that. */
  readonly session?: true;
}

const laterCommands: readonly LaterCommand[] = [
  { word: "exec", words: 1 },
  { word: "e", words: 1 },
  { word: "review", words: 1 },
  { word: "login", words: 1 },
  { word: "logout", words: 1 },
  { word: "mcp", words: 1 },
  { word: "mcp-server", words: 1 },
  { word: "completion", words: 1 },
  { word: "debug", words: 2 },
  { word: "apply", words: 1 },
  { word: "a", words: 1 },
  { word: "fork", words: 1, session: true },
  { word: "cloud", words: 1 },
  { word: "exec-server", words: 1 },
  { word: "features", words: 2 },
];

/** Second words of commands that exist. */
export const laterSubcommands: readonly (readonly [command: string, word: string])[] = [
  ["app-server", "generate-ts"],
  ["app-server", "generate-json-schema"],
];

export const laterFlags: readonly string[] = [
  "--image",
  "-i",
  "--search",
  "--include-non-interactive",
  "--analytics-default-enabled",
];

export function findLaterCommand(word: string): LaterCommand | undefined {
  return laterCommands.find((command) => command.word === word);
}
