// What `codex app-server` will do, decided from its own flags: where it listens, whom it lets in, what it tells its
// operator. Pure; files are read later, by the rooms that need them.
import { LOG_LEVELS, type LogLevel } from "../base/log.ts";
import { type ListenAddress, parseListenAddress } from "./listen_address.ts";
import { flagOf, type LowFlags, shownFlag } from "./shared_flags.ts";
import { UsageError } from "./usage_error.ts";
import { decideWsAuth, type WsAuthArgs } from "./ws_auth_args.ts";

export interface TlsArgs {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface ServerArgs {
  /** One or more; "off" and a second stdio are refused beside others. */
  readonly listen: readonly ListenAddress[];
  /** Files of wss://; null when nothing listens there. */
  readonly tls: TlsArgs | null;
  readonly auth: WsAuthArgs | null;
  readonly allowOtherUsers: boolean;
  /** Null: RUST_LOG decides, else warn. */
  readonly logLevel: LogLevel | null;
  readonly metrics: boolean;
  /** As typed. */
  readonly auditLog: string | null;
}

/** @throws UsageError, CodexError USAGE */
export function decideServer(flags: LowFlags): ServerArgs {
  const listen = decideListen(flags.listen ?? ["stdio://"]);
  return {
    listen,
    tls: decideTls(flags, listen),
    auth: decideWsAuth(flags),
    allowOtherUsers: flags.wsAllowOtherUsers === true,
    logLevel: LOG_LEVELS.find((level) => level === flags.logLevel) ?? null,
    metrics: flags.metrics === true,
    auditLog: flags.auditLog ?? null,
  };
}

function decideListen(texts: readonly string[]): readonly ListenAddress[] {
  const addresses = texts.map(parseListenAddress);
  const lone = addresses.find(({ kind }) => kind === "off");
  if (lone !== undefined && addresses.length > 1) {
    throw new UsageError("'--listen off' cannot be used with another '--listen'", { usageOf: "appServer" });
  }
  if (addresses.filter(({ kind }) => kind === "stdio").length > 1) {
    throw new UsageError("'--listen stdio://' cannot be used multiple times", { usageOf: "appServer" });
  }
  return addresses;
}

function decideTls({ tlsCert, tlsKey }: LowFlags, listen: readonly ListenAddress[]): TlsArgs | null {
  const secure = listen.some((address) => address.kind === "websocket" && address.secure);
  if (secure && tlsCert !== undefined && tlsKey !== undefined) return { certFile: tlsCert, keyFile: tlsKey };
  if (secure) {
    throw new UsageError("'--listen wss://…' needs '--tls-cert <PATH>' and '--tls-key <PATH>'", {
      usageOf: "appServer",
    });
  }
  if (tlsCert === undefined && tlsKey === undefined) return null;
  const flag = flagOf(tlsCert === undefined ? "tlsKey" : "tlsCert");
  throw new UsageError(`'${shownFlag(flag)}' needs '--listen wss://IP:PORT'`, { usageOf: "appServer" });
}
