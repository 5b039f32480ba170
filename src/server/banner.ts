// What a person who starts the WebSocket server reads: its addresses, and whether it is protected. The first four lines
// are the reference's, which scripts read; the note is about what was really asked for.
import { hostAndPort, isLoopback } from "./listen_address.ts";

export interface BannerFacts {
  readonly hostname: string;
  readonly port: number;
  /** Whether whoever connects must present a token. */
  readonly authenticated: boolean;
  readonly colour: boolean;
}

export function serverBanner(facts: BannerFacts): string {
  const paint = facts.colour ? paintWith : (_: string, text: string): string => text;
  const where = hostAndPort(facts.hostname, facts.port);
  const line = (label: string, value: string): string => `  ${paint("2", `${label}:`)} ${value}\n`;
  return `${paint("36;1", "codex app-server (WebSockets)")}\n` +
    line("listening on", paint("32", `ws://${where}`)) +
    line("readyz", paint("32", `http://${where}/readyz`)) +
    line("healthz", paint("32", `http://${where}/healthz`)) +
    line("note", noteOf(facts));
}

function noteOf({ hostname, authenticated }: BannerFacts): string {
  if (isLoopback(hostname)) {
    return authenticated
      ? "only this machine can connect, with the token"
      : "only this machine can connect, any user of it; forward the port with SSH for remote use";
  }
  return authenticated
    ? "other machines can connect with the token; the traffic is not encrypted"
    : "ANYONE who reaches this address can run commands here; protect it with --ws-auth capability-token";
}

function paintWith(code: string, text: string): string {
  return `\u001b[${code}m${text}\u001b[0m`;
}
