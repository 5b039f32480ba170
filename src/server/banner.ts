// What a person who starts a server reads: its addresses, and whether it is protected. The first four lines are the
// reference's, which scripts read; the note is about what was really asked for.
import type { AuthMode } from "../auth/gate.ts";
import { isLoopbackAddress } from "../base/ip_address.ts";
import type { TcpAddress } from "../host/socket_table.ts";
import { hostAndPort } from "./listen_address.ts";

export interface BannerFacts {
  /** For example `ws://127.0.0.1:4500`. */
  readonly url: string;
  /** Null: a socket file. */
  readonly address: TcpAddress | null;
  readonly auth: AuthMode;
  /** Without auth: whether other users of this machine are refused. */
  readonly ownUserOnly: boolean;
  readonly colour: boolean;
}

export function serverBanner(facts: BannerFacts): string {
  const paint = facts.colour ? paintWith : (_: string, text: string): string => text;
  const line = (label: string, value: string): string => `  ${paint("2", `${label}:`)} ${value}\n`;
  const { url, readyz, healthz, note } = bannerFields(facts);
  return [
    `${paint("36;1", "codex app-server (WebSockets)")}\n`,
    line("listening on", paint("32", url)),
    ...(readyz === undefined ? [] : [line("readyz", paint("32", readyz))]),
    ...(healthz === undefined ? [] : [line("healthz", paint("32", healthz))]),
    line("note", note),
  ].join("");
}

/** The same for a program that reads one JSON object a line. */
export function bannerFields(facts: BannerFacts): { url: string; readyz?: string; healthz?: string; note: string } {
  const { url, address } = facts;
  const note = noteOf(facts);
  if (address === null) return { url, note };
  const where = `${url.startsWith("wss:") ? "https" : "http"}://${hostAndPort(address.hostname, address.port)}`;
  return { url, readyz: `${where}/readyz`, healthz: `${where}/healthz`, note };
}

function noteOf({ url, address, auth, ownUserOnly }: BannerFacts): string {
  if (address === null) {
    return `only programs of your own user can open this socket${auth === "none" ? "" : ", with a token"}`;
  }
  if (isLoopbackAddress(address.hostname)) {
    if (auth !== "none") return "only this machine can connect, with a token";
    return ownUserOnly
      ? "only your own programs on this machine can connect; forward the port with SSH for remote use"
      : "only this machine can connect, any user of it; forward the port with SSH for remote use";
  }
  if (auth === "none") {
    return "ANYONE who reaches this address can run commands here; configure --ws-auth before real remote use";
  }
  return url.startsWith("wss:")
    ? "other machines can connect with a token"
    : "other machines can connect with a token; the traffic is not encrypted";
}

function paintWith(code: string, text: string): string {
  return `\u001b[${code}m${text}\u001b[0m`;
}
