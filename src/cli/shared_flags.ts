// The flag table: one record per flag says everything that is true of it. The parser (parse_level.ts), the argv
// normaliser (split_argv.ts), the help texts (help.ts) and the type of what was typed are derived from it.

export type FlagCategory =
  | "Session"
  | "Configuration"
  | "Permission"
  | "Remote"
  | "Listening"
  | "Authentication"
  | "Operation"
  | "Writing"
  | "Claims"
  | "Screen";

export interface Flag {
  readonly long: `--${string}`;
  readonly short?: string;
  /** Other spellings that work and are not shown. */
  readonly aliases?: readonly string[];
  /** Absent: a switch. */
  readonly valueName?: string;
  /** The only values that are taken. */
  readonly choices?: readonly string[];
  /** May be given more than once; the values are kept in order. */
  readonly repeat?: true;
  /** Understood, so that what is wrong with it can be told, but not shown: this version has no use for it. */
  readonly hidden?: true;
  /** An empty value passes the parser; a later step says what is wrong with it. */
  readonly emptyAllowed?: true;
  readonly category: FlagCategory;
  /** One line, for `-h`. */
  readonly help: string;
  /** More sentences for `--help`; line breaks are kept. */
  readonly details?: string;
  /** The long names of flags that make no sense beside this one. */
  readonly conflicts?: readonly string[];
}

export const flags = {
  config: {
    long: "--config",
    short: "-c",
    valueName: "key=value",
    repeat: true,
    category: "Configuration",
    help: "Set one configuration value for this run",
    details: "The key is a dotted path of config.toml. The value is read as TOML; what is not TOML is taken as text. " +
      "Wins over every file. For example:\n" +
      "-c model_reasoning_effort=high\n" +
      "-c 'sandbox_workspace_write.writable_roots=[\"/srv\"]'",
  },
  profile: {
    long: "--profile",
    short: "-p",
    valueName: "CONFIG_PROFILE",
    category: "Configuration",
    help: "Use the values of one [profiles.NAME] table of config.toml",
  },
  enable: {
    long: "--enable",
    valueName: "FEATURE",
    repeat: true,
    category: "Configuration",
    help: "Turn a feature on, as -c features.NAME=true does",
  },
  disable: {
    long: "--disable",
    valueName: "FEATURE",
    repeat: true,
    category: "Configuration",
    help: "Turn a feature off, as -c features.NAME=false does",
  },
  model: {
    long: "--model",
    short: "-m",
    valueName: "MODEL",
    category: "Session",
    help: "The model to talk to",
    details: "Default: `model` of config.toml, else the first model of the catalog.",
  },
  oss: {
    long: "--oss",
    category: "Session",
    help: "Use a model server on this machine (Ollama or LM Studio), no account needed",
    details: "Without --local-provider the `oss_provider` of config.toml decides, else the one that is running.",
  },
  localProvider: {
    long: "--local-provider",
    valueName: "OSS_PROVIDER",
    category: "Session",
    help: "Which local model server --oss means: ollama or lmstudio",
  },
  cd: {
    long: "--cd",
    short: "-C",
    valueName: "DIR",
    category: "Session",
    help: "Work in this folder instead of the current one",
    details: "With --remote it is a folder of the server's machine.",
  },
  sandbox: {
    long: "--sandbox",
    short: "-s",
    valueName: "SANDBOX_MODE",
    choices: ["read-only", "workspace-write", "danger-full-access"],
    category: "Permission",
    help: "What commands may touch: read-only, workspace-write or danger-full-access",
    details: "read-only: read everything, change nothing, no network.\n" +
      "workspace-write: also change files in the working folder and in temporary folders.\n" +
      "danger-full-access: no sandbox at all.",
  },
  askForApproval: {
    long: "--ask-for-approval",
    short: "-a",
    valueName: "APPROVAL_POLICY",
    choices: ["untrusted", "on-failure", "on-request", "never"],
    category: "Permission",
    help: "When to ask before a command runs: untrusted, on-request or never",
    details: "untrusted: ask for everything but commands known to read only.\n" +
      "on-failure: ask when a command failed in the sandbox (on its way out; prefer on-request).\n" +
      "on-request: the model asks when it needs to leave the sandbox.\n" +
      "never: never ask; what the sandbox refuses stays refused.",
    conflicts: ["--dangerously-bypass-approvals-and-sandbox"],
  },
  fullAuto: {
    long: "--full-auto",
    category: "Permission",
    help: "Short for -a on-request -s workspace-write",
    conflicts: ["--dangerously-bypass-approvals-and-sandbox"],
  },
  dangerouslyBypassApprovalsAndSandbox: {
    long: "--dangerously-bypass-approvals-and-sandbox",
    aliases: ["--yolo"],
    category: "Permission",
    help: "Never ask and run without a sandbox: only inside a machine made to be thrown away",
  },
  addDir: {
    long: "--add-dir",
    valueName: "DIR",
    repeat: true,
    category: "Permission",
    help: "One more folder that commands may change; it must exist",
  },
  permissions: {
    long: "--permissions",
    valueName: "PROFILE",
    category: "Permission",
    help: "Use one [permissions.NAME] table of config.toml",
    conflicts: ["--sandbox", "--full-auto"],
  },
  printPlan: {
    long: "--print-plan",
    category: "Operation",
    help: "Print as JSON what would be allowed and started, and run nothing",
  },
  logDenials: {
    long: "--log-denials",
    category: "Operation",
    help: "Say on stderr afterwards what the sandbox refused",
  },
  remote: {
    long: "--remote",
    valueName: "ADDR",
    emptyAllowed: true,
    category: "Remote",
    help: "Attach to a running app server: ws://host:port or wss://host:port",
    details: "Start one with: codex app-server --listen ws://IP:PORT",
  },
  remoteAuthTokenEnv: {
    long: "--remote-auth-token-env",
    valueName: "ENV_VAR",
    emptyAllowed: true,
    category: "Remote",
    help: "The environment variable that holds the token for --remote",
    details: "The token travels only over wss://, or over ws:// to this machine.",
  },
  last: {
    long: "--last",
    category: "Session",
    help: "Continue the most recent session of this folder",
  },
  all: {
    long: "--all",
    category: "Session",
    help: "Look at the sessions of all folders",
  },
  noAltScreen: {
    long: "--no-alt-screen",
    category: "Screen",
    help: "Keep to the normal screen (this program always does; accepted for compatibility)",
  },
  listen: {
    long: "--listen",
    valueName: "URL",
    emptyAllowed: true,
    repeat: true,
    category: "Listening",
    help: "Where clients connect: stdio:// (default), ws://IP:PORT, wss://IP:PORT, unix://PATH or off",
    details: "stdio://: one client, one JSON message a line on stdin and stdout.\n" +
      "ws://IP:PORT: any number of clients, one JSON message a text frame; port 0 takes a free port. " +
      "GET /readyz and /healthz answer 200.\n" +
      "wss://IP:PORT: the same over TLS; needs --tls-cert and --tls-key.\n" +
      "unix://PATH: the same over a socket file that only you can open.\n" +
      "May be given more than once.",
  },
  tlsCert: {
    long: "--tls-cert",
    valueName: "PATH",
    category: "Listening",
    help: "Certificate chain of wss:// (PEM); read again when it changes",
  },
  tlsKey: {
    long: "--tls-key",
    valueName: "PATH",
    category: "Listening",
    help: "Private key of wss:// (PEM); read again when it changes",
  },
  wsAuth: {
    long: "--ws-auth",
    valueName: "MODE",
    choices: ["capability-token", "signed-bearer-token"],
    category: "Authentication",
    help: "How clients prove who they are: capability-token or signed-bearer-token",
    details: "capability-token: clients send the token of --ws-token-file.\n" +
      "signed-bearer-token: clients send a JWT signed (HS256) with the secret of --ws-shared-secret-file.\n" +
      "Both travel as `Authorization: Bearer …`. Without a mode, a loopback address serves programs of your own user " +
      "and any other address serves everybody.",
  },
  wsTokenFile: {
    long: "--ws-token-file",
    valueName: "PATH",
    category: "Authentication",
    help: "File with the token that clients must send (capability-token)",
    details: "An absolute path. Make one with: codex app-server token new PATH. Read again when it changes.",
  },
  wsSharedSecretFile: {
    long: "--ws-shared-secret-file",
    valueName: "PATH",
    category: "Authentication",
    help: "File with the secret, 32 bytes or more, that signs client tokens (signed-bearer-token)",
    details: "An absolute path. Read again when it changes.",
  },
  wsIssuer: {
    long: "--ws-issuer",
    valueName: "ISSUER",
    emptyAllowed: true,
    category: "Authentication",
    help: "The issuer (`iss`) that a signed token must name",
  },
  wsAudience: {
    long: "--ws-audience",
    valueName: "AUDIENCE",
    emptyAllowed: true,
    category: "Authentication",
    help: "The audience (`aud`) that a signed token must name",
  },
  wsMaxClockSkewSeconds: {
    long: "--ws-max-clock-skew-seconds",
    valueName: "SECONDS",
    category: "Authentication",
    help: "How far the clocks of signer and server may differ; default 30",
  },
  wsTokenGraceSeconds: {
    long: "--ws-token-grace-seconds",
    valueName: "SECONDS",
    category: "Authentication",
    help: "How long the previous token or secret still counts after its file changed; default 0",
  },
  wsAuthFailuresPerMinute: {
    long: "--ws-auth-failures-per-minute",
    valueName: "COUNT",
    category: "Authentication",
    help: "Failed handshakes of one address before it is answered 429; default 600, 0 for no limit",
    details: "A client with a good token is never refused for the failures of others.",
  },
  wsAllowOtherUsers: {
    long: "--ws-allow-other-users",
    category: "Authentication",
    help: "Without --ws-auth, let programs of other users of this machine connect to a loopback address",
  },
  logLevel: {
    long: "--log-level",
    valueName: "LEVEL",
    choices: ["error", "warn", "info", "debug", "trace"],
    category: "Operation",
    help: "What is logged on stderr: error, warn (default), info, debug or trace",
    details:
      "RUST_LOG holds finer filters, e.g. RUST_LOG=warn,auth=debug; this flag wins. LOG_FORMAT=json writes one " +
      "JSON object a line. What people and models write, and secrets, are never logged.",
  },
  metrics: {
    long: "--metrics",
    category: "Operation",
    help: "Answer GET /metrics in Prometheus text, to whoever may connect",
  },
  auditLog: {
    long: "--audit-log",
    valueName: "FILE",
    category: "Operation",
    help: "Append who connected, who approved what and which commands ran to this file, as JSON lines",
  },
  force: {
    long: "--force",
    category: "Writing",
    help: "Replace what is there",
  },
  dryRun: {
    long: "--dry-run",
    category: "Writing",
    help: "Print what would be done, and change nothing",
  },
  user: {
    long: "--user",
    category: "Writing",
    help: "For your own user: starts with your session, or at boot with lingering",
    conflicts: ["--system"],
  },
  system: {
    long: "--system",
    category: "Writing",
    help: "For the machine: starts at boot, as the user codex; needs root",
    conflicts: ["--user"],
  },
  ttl: {
    long: "--ttl",
    valueName: "DURATION",
    category: "Claims",
    help: "How long the token counts: 90s, 15m, 8h (default 1h) or 7d",
  },
  issuer: {
    long: "--issuer",
    valueName: "ISSUER",
    category: "Claims",
    help: "Who signs it (`iss`); must be what the server's --ws-issuer says",
  },
  audience: {
    long: "--audience",
    valueName: "AUDIENCE",
    category: "Claims",
    help: "For whom it is (`aud`); must be what the server's --ws-audience says",
  },
  subject: {
    long: "--subject",
    valueName: "NAME",
    category: "Claims",
    help: "Who connects with it (`sub`); shown in the server's logs and audit log",
  },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof flags;

type ValueOf<F> = F extends { readonly repeat: true } ? readonly string[]
  : F extends { readonly valueName: string } ? string
  : true;

/** What was typed; a flag that was not typed is absent. */
export type LowFlags = { readonly [N in FlagName]?: ValueOf<(typeof flags)[N]> };

/** The flag's record with the literal types forgotten, for code that treats all flags alike. */
export function flagOf(name: FlagName): Flag {
  return flags[name];
}

/** As usage errors show it: `--model <MODEL>`, or the name alone. */
export function shownFlag(flag: Flag): string {
  return flag.valueName === undefined ? flag.long : `${flag.long} <${flag.valueName}>`;
}

const byToken: ReadonlyMap<string, FlagName> = new Map(
  (Object.keys(flags) as FlagName[]).flatMap((name) => { // keys of the table are its names
    const flag = flagOf(name);
    const tokens = [flag.long, ...(flag.aliases ?? []), ...(flag.short === undefined ? [] : [flag.short])];
    return tokens.map((token) => [token, name] as const);
  }),
);

/** The flag written as `--long`, an alias, or `-s`. */
export function findFlag(token: string): FlagName | undefined {
  return byToken.get(token);
}
