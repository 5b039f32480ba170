// What the commands beside a server will do: make tokens, sign tokens, write a unit. Pure; no file is looked at.
import type { FlagName, LowFlags } from "./shared_flags.ts";
import { flagOf } from "./shared_flags.ts";
import { SERVER_FLAGS } from "./commands.ts";
import { decideServer } from "./server_args.ts";
import { UsageError } from "./usage_error.ts";

export interface TokenNewArgs {
  readonly kind: "tokenNew";
  /** As typed. */
  readonly path: string;
  readonly force: boolean;
}

export interface TokenMintArgs {
  readonly kind: "tokenMint";
  /** As typed. */
  readonly secretFile: string;
  readonly ttlSeconds: number;
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly subject: string | null;
}

export interface InstallServiceArgs {
  readonly kind: "installService";
  readonly scope: "user" | "system";
  readonly dryRun: boolean;
  readonly force: boolean;
  /** The server's own arguments, as typed. */
  readonly serverArguments: readonly string[];
}

const DEFAULT_TTL_SECONDS = 3600;
const MAX_TTL_SECONDS = 366 * 24 * 3600;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 24 * 3600 };
const DEFAULT_LISTEN = "ws://127.0.0.1:4500";
/** What a service of the machine asks for unless told otherwise: its own user, "codex", is nobody's who would connect. */
export const SYSTEM_TOKEN_FILE = "/etc/codex/token";

/** @throws UsageError */
export function decideTokenNew(flags: LowFlags, operands: readonly string[]): TokenNewArgs {
  const [path] = operands;
  if (path === undefined) throw missing("<PATH>", "tokenNew");
  return { kind: "tokenNew", path, force: flags.force === true };
}

/** @throws UsageError */
export function decideTokenMint(flags: LowFlags): TokenMintArgs {
  if (flags.wsSharedSecretFile === undefined) throw missing("--ws-shared-secret-file <PATH>", "tokenMint");
  return {
    kind: "tokenMint",
    secretFile: flags.wsSharedSecretFile,
    ttlSeconds: readDuration(flags.ttl),
    issuer: flags.issuer ?? null,
    audience: flags.audience ?? null,
    subject: flags.subject ?? null,
  };
}

/** @throws UsageError, CodexError USAGE: the server's own arguments are checked as the server would. */
export function decideInstallService(flags: LowFlags): InstallServiceArgs {
  if (flags.user !== true && flags.system !== true) throw missing("--user or --system", "installService");
  const asked = { ...flags, listen: flags.listen ?? [DEFAULT_LISTEN] };
  const isOpen = asked.wsAuth !== undefined || asked.wsAllowOtherUsers === true;
  const token = flags.system === true && !isOpen
    ? { wsAuth: "capability-token", wsTokenFile: flags.wsTokenFile ?? SYSTEM_TOKEN_FILE }
    : {};
  const own = { ...asked, ...token };
  const server = decideServer(own);
  if (server.listen.some(({ kind }) => kind === "stdio" || kind === "off")) {
    throw new UsageError("a service needs '--listen' with ws://, wss:// or unix://", { usageOf: "installService" });
  }
  return {
    kind: "installService",
    scope: flags.system === true ? "system" : "user",
    dryRun: flags.dryRun === true,
    force: flags.force === true,
    serverArguments: SERVER_FLAGS.flatMap((name) => asTyped(name, own)),
  };
}

function asTyped(name: FlagName, flags: LowFlags): string[] {
  const { long } = flagOf(name);
  const value = flags[name];
  if (value === undefined) return [];
  if (value === true) return [long];
  return typeof value === "string" ? [long, value] : value.flatMap((one) => [long, one]);
}

/** "90s", "15m", "8h", "7d" in seconds. @throws UsageError */
function readDuration(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TTL_SECONDS;
  const parts = /^([0-9]{1,9})([smhd])$/.exec(text);
  const seconds = Number(parts?.[1] ?? 0) * (UNIT_SECONDS[parts?.[2] ?? ""] ?? 0);
  if (seconds > 0 && seconds <= MAX_TTL_SECONDS) return seconds;
  throw new UsageError(
    `invalid value '${text}' for '--ttl <DURATION>': expected 90s, 15m, 8h or 7d, a year at most`,
    { usageOf: "tokenMint" },
  );
}

function missing(what: string, usageOf: "tokenNew" | "tokenMint" | "installService"): UsageError {
  return new UsageError(`the following required arguments were not provided:\n  ${what}`, { usageOf });
}
