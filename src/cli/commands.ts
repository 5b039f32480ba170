// THE COMMAND TABLE: what `codex` can be told to do, the flags each command takes and how each is introduced. Pure data:
// run.ts maps each name to the module that carries it out.
import type { FlagName } from "./shared_flags.ts";

export interface CommandArgument {
  readonly name: string;
  readonly help: string;
  readonly required?: true;
  /** Takes all that is left: options end at its first word, which needs no `--` in front. */
  readonly rest?: true;
}

export interface CommandRow {
  /** The words after `codex`; empty for the terminal UI. */
  readonly words: string;
  /** Other words for it, not shown. */
  readonly aliases?: readonly string[];
  /** Only a name for the commands below it: alone it prints its help. */
  readonly isGroup?: true;
  /** A command of its own, which with no word behind it prints its help as a group does. */
  readonly helpsWhenBare?: true;
  readonly summary: string;
  /** Paragraphs of `--help`, before the options. */
  readonly about: readonly string[];
  readonly args: readonly CommandArgument[];
  readonly flags: readonly FlagName[];
  /** Flags that may stand before the command's word. */
  readonly flagsBefore: readonly FlagName[];
  /** Shown by `--help`: a command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
}

const SESSION_FLAGS = [
  "model",
  "oss",
  "localProvider",
  "cd",
  "config",
  "profile",
  "enable",
  "disable",
  "sandbox",
  "askForApproval",
  "fullAuto",
  "dangerouslyBypassApprovalsAndSandbox",
  "addDir",
  "remote",
  "remoteAuthTokenEnv",
  "noAltScreen",
] as const satisfies readonly FlagName[];

const SERVER_CONFIG_FLAGS = [
  "config",
  "enable",
  "disable",
  "model",
  "oss",
  "localProvider",
  "profile",
  "sandbox",
  "askForApproval",
  "fullAuto",
  "dangerouslyBypassApprovalsAndSandbox",
  "addDir",
] as const satisfies readonly FlagName[];

/** What a server is told by its own flags. */
export const SERVER_FLAGS = [
  "listen",
  "tlsCert",
  "tlsKey",
  "wsAuth",
  "wsTokenFile",
  "wsSharedSecretFile",
  "wsIssuer",
  "wsAudience",
  "wsMaxClockSkewSeconds",
  "wsTokenGraceSeconds",
  "wsAuthFailuresPerMinute",
  "wsAllowOtherUsers",
  "logLevel",
  "metrics",
  "auditLog",
] as const satisfies readonly FlagName[];

const SANDBOX_FLAGS = [
  "sandbox",
  "fullAuto",
  "permissions",
  "addDir",
  "cd",
  "config",
  "profile",
  "enable",
  "disable",
  "printPlan",
  "logDenials",
] as const satisfies readonly FlagName[];
const SANDBOX_FLAGS_BEFORE = [
  "sandbox",
  "fullAuto",
  "addDir",
  "cd",
  "config",
  "profile",
  "enable",
  "disable",
] as const satisfies readonly FlagName[];

const SANDBOXED_COMMAND: CommandArgument = {
  name: "COMMAND",
  help: "The program and its words, untouched; options end at the first",
  rest: true,
};
const REQUIRED_SANDBOXED_COMMAND: CommandArgument = { ...SANDBOXED_COMMAND, required: true };

const SANDBOX_ABOUT =
  "Without an option the command may read everything, change nothing and reach no network. Of the " +
  "configuration, default_permissions, -c sandbox_mode=… and sandbox_workspace_write count; options win.";

export const commands = {
  tui: {
    words: "",
    summary: "A coding agent for your terminal (independent; speaks the protocol of Codex CLI 0.120.0)",
    about: [
      "codex is a coding agent for your terminal. It reads and edits files, runs commands in a sandbox, and asks " +
      "before it leaves it. This is an independent implementation that speaks the protocol of Codex CLI 0.120.0.",
      "With no command a session starts in the current folder. A word that is no command is the first request.",
    ],
    args: [{ name: "PROMPT", help: "The first request; without it the session waits for you to type" }],
    flags: SESSION_FLAGS,
    flagsBefore: [],
    examples: [
      ["codex", "a session in this folder"],
      ['codex "why does the build fail?"', "the same, with a first request"],
      ["codex --oss --local-provider ollama", "with a model on this machine"],
      ["codex --remote ws://127.0.0.1:4500", "with the agent in a server elsewhere"],
      ["codex -- resume", 'the request is the word "resume"'],
    ],
  },
  resume: {
    words: "resume",
    summary: "Continue an earlier session",
    about: ["Shows the earlier turns and goes on from there. Without an id and without --last it lets you choose."],
    args: [
      { name: "SESSION_ID", help: "The id of the session, as the exit message shows it" },
      { name: "PROMPT", help: "The next request" },
    ],
    flags: ["last", "all", ...SESSION_FLAGS],
    flagsBefore: SESSION_FLAGS,
    examples: [
      ["codex resume", "choose from the sessions of this folder"],
      ["codex resume --last", "the most recent one"],
      ["codex resume --last --remote ws://127.0.0.1:4500", "the most recent one of a server"],
    ],
  },
  appServer: {
    words: "app-server",
    summary: "Serve the agent to terminal UIs, editors and scripts",
    about: [
      "Owns sessions, approvals, commands and files; clients speak JSON-RPC to it over stdio or a WebSocket. " +
      "Ctrl-C or SIGTERM ends it: on a WebSocket running turns get half a minute to end and a second signal cuts them " +
      "short; on stdio they are stopped at once. What happened until then is on disk.",
    ],
    args: [],
    flags: [...SERVER_FLAGS, "config", "enable", "disable"],
    flagsBefore: SERVER_CONFIG_FLAGS,
    examples: [
      ["codex app-server", "one client on stdin and stdout"],
      ["codex app-server --listen ws://127.0.0.1:4500", "clients of this machine"],
      [
        "codex app-server --listen ws://127.0.0.1:4500 --ws-auth capability-token --ws-token-file /run/codex/token",
        "only clients that know the token",
      ],
    ],
  },
  appServerToken: {
    words: "app-server token",
    summary: "Make tokens for clients of a server",
    isGroup: true,
    about: ["Makes what clients of `codex app-server --ws-auth …` prove themselves with."],
    args: [],
    flags: [],
    flagsBefore: [],
    examples: [],
  },
  tokenNew: {
    words: "app-server token new",
    summary: "Write a new capability token to a file",
    about: [
      "Writes 32 random bytes as text into a file that only you can read, for --ws-token-file or " +
      "--ws-shared-secret-file. A folder that is missing is made with mode 700. Prints the path.",
    ],
    args: [{ name: "PATH", help: "The file to write", required: true }],
    flags: ["force"],
    flagsBefore: [],
    examples: [
      ["codex app-server token new ~/.codex/server/token", "a token; an earlier one is kept and reported"],
      ["codex app-server token new --force ~/.codex/server/token", "rotate it: a running server takes the new one"],
    ],
  },
  tokenMint: {
    words: "app-server token mint",
    summary: "Sign a token (JWT) for one client",
    about: [
      "Signs a token with the secret of a server that runs with --ws-auth signed-bearer-token, and prints it. " +
      "Whoever has it can connect until it expires.",
    ],
    args: [],
    flags: ["wsSharedSecretFile", "ttl", "issuer", "audience", "subject"],
    flagsBefore: [],
    examples: [
      [
        "codex app-server token mint --ws-shared-secret-file /etc/secret --subject ann",
        "an hour for ann",
      ],
    ],
  },
  installService: {
    words: "app-server install-service",
    summary: "Write a systemd unit that runs the server",
    about: [
      "Writes a unit for this very program and says how to start it. The flags of `codex app-server` go into it; " +
      "without --listen the server listens on ws://127.0.0.1:4500. A service of the machine (--system) wants the token " +
      "in /etc/codex/token, unless --ws-auth or --ws-allow-other-users says otherwise.",
    ],
    args: [],
    flags: ["user", "system", "dryRun", "force", ...SERVER_FLAGS],
    flagsBefore: [],
    examples: [
      ["codex app-server install-service --user --dry-run", "look at the unit first"],
      ["codex app-server install-service --user", "then write it"],
    ],
  },
  sandbox: {
    words: "sandbox",
    summary: "Run a command in the sandbox that the agent's commands run in",
    helpsWhenBare: true,
    about: [
      "Runs a command in the sandbox of this platform, the one that the agent's commands run in. Exit code, input, " +
      "output and terminal are the command's own.",
      SANDBOX_ABOUT,
    ],
    args: [SANDBOXED_COMMAND],
    flags: SANDBOX_FLAGS,
    flagsBefore: SANDBOX_FLAGS_BEFORE,
    examples: [
      ["codex sandbox -- ls -la", "reads, changes nothing"],
      ["codex sandbox --full-auto -- make test", "may write here and in temporary folders"],
      ["codex sandbox --permissions build -- make", "what [permissions.build] of config.toml allows"],
      ["codex sandbox --print-plan --full-auto -- make", "only shows what would be allowed"],
    ],
  },
  sandboxLinux: {
    words: "sandbox linux",
    aliases: ["sandbox landlock"],
    summary: "Run a command in the sandbox of Linux (bubblewrap and seccomp)",
    about: [
      "Runs a command under bubblewrap with a seccomp filter; this program becomes bubblewrap and does not stay around.",
      SANDBOX_ABOUT,
    ],
    args: [REQUIRED_SANDBOXED_COMMAND],
    flags: SANDBOX_FLAGS,
    flagsBefore: SANDBOX_FLAGS_BEFORE,
    examples: [["codex sandbox linux --full-auto -- npm test", "may write here, reaches no network"]],
  },
  sandboxMacos: {
    words: "sandbox macos",
    aliases: ["sandbox seatbelt"],
    summary: "Run a command in the sandbox of macOS (Seatbelt)",
    about: [
      "Runs a command under /usr/bin/sandbox-exec. --print-plan works on any platform and shows the profile.",
      SANDBOX_ABOUT,
    ],
    args: [REQUIRED_SANDBOXED_COMMAND],
    flags: SANDBOX_FLAGS,
    flagsBefore: SANDBOX_FLAGS_BEFORE,
    examples: [["codex sandbox macos --log-denials -- make", "shows what Seatbelt refused"]],
  },
  sandboxWindows: {
    words: "sandbox windows",
    summary: "Run a command in the sandbox of Windows (restricted token)",
    about: ["Runs a command with a restricted token in a job of its own.", SANDBOX_ABOUT],
    args: [REQUIRED_SANDBOXED_COMMAND],
    flags: SANDBOX_FLAGS,
    flagsBefore: SANDBOX_FLAGS_BEFORE,
    examples: [["codex sandbox windows -- cmd /c dir", "reads, changes nothing"]],
  },
  sandboxWindowsSetup: {
    words: "sandbox windows setup",
    summary: "Set up the elevated sandbox of Windows; as administrator",
    about: [
      'Makes what windows.sandbox = "elevated" needs: two local users that commands run as, their group, passwords that ' +
      "only you can read, and firewall rules for the one without a network. What is there already stays; run again, it " +
      "repairs what is missing. A program called setup runs with `codex sandbox windows -- setup`.",
    ],
    args: [],
    flags: ["dryRun"],
    flagsBefore: [],
    examples: [
      ["codex sandbox windows setup --dry-run", "the steps, without doing them"],
      ["codex sandbox windows setup", "in a terminal of an administrator"],
    ],
  },
  sandboxWindowsStatus: {
    words: "sandbox windows status",
    summary: "Show what the elevated sandbox of Windows has and lacks",
    about: ["Prints each thing that setup makes and whether it is there. Exit code 0 when all is, else 1."],
    args: [],
    flags: [],
    flagsBefore: [],
    examples: [],
  },
  sandboxWindowsRemove: {
    words: "sandbox windows remove",
    summary: "Take away all that setup made; as administrator",
    about: [
      "Removes users, profiles, group, firewall rules, passwords, and the group's entries in access lists of paths that " +
      "commands were opened.",
    ],
    args: [],
    flags: ["dryRun"],
    flagsBefore: [],
    examples: [["codex sandbox windows remove --dry-run", "the steps, without doing them"]],
  },
  help: {
    words: "help",
    summary: "Explain a command",
    about: ["Prints what `codex COMMAND --help` prints."],
    args: [
      { name: "COMMAND", help: "The command to explain; without it, codex itself" },
      { name: "SUBCOMMAND", help: "A command below it" },
      { name: "SUBCOMMAND", help: "And one below that" },
    ],
    flags: [],
    flagsBefore: SESSION_FLAGS,
    examples: [],
  },
} as const satisfies Record<string, CommandRow>;

export type CommandName = keyof typeof commands;

/** The row with the literal types forgotten, for code that treats all commands alike. */
export function commandOf(name: CommandName): CommandRow {
  return commands[name];
}

export function findCommand(word: string): CommandName | undefined {
  const names = Object.keys(commands) as CommandName[]; // keys of the table are its names
  return names.find((name) => word !== "" && (commands[name].words === word || isAlias(name, word)));
}

function isAlias(name: CommandName, word: string): boolean {
  return commandOf(name).aliases?.includes(word) ?? false;
}

/** The last argument of a command that takes all that is left, or undefined. */
export function restArgumentOf(name: CommandName): CommandArgument | undefined {
  return commandOf(name).args.find((arg) => arg.rest);
}

/** The commands one word below. */
export function subcommandsOf(name: CommandName): readonly CommandName[] {
  const { words } = commandOf(name);
  const depth = words === "" ? 1 : words.split(" ").length + 1;
  const names = Object.keys(commands) as CommandName[]; // keys of the table are its names
  return names.filter((other) => {
    const below = commands[other].words;
    return below !== "" && below.split(" ").length === depth && (words === "" || below.startsWith(`${words} `));
  });
}

/** Is it a client of the protocol, so that `--remote` means something? */
export function isSessionCommand(name: CommandName): boolean {
  return commandOf(name).flags.includes("remote");
}
