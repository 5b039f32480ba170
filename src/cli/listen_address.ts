// The value of `--listen`: which transport, and for a WebSocket the numeric address and port. Host names are refused,
// because what a name stands for may change between the check and the bind.
import { isAbsolutePath } from "../base/absolute_path.ts";
import { UsageError } from "./usage_error.ts";

export type ListenAddress =
  | { readonly kind: "stdio" }
  | { readonly kind: "off" }
  /** `host` without brackets; port 0 takes a free one. `secure`: wss://. */
  | { readonly kind: "websocket"; readonly secure: boolean; readonly host: string; readonly port: number }
  /** An absolute path. */
  | { readonly kind: "unix"; readonly path: string };

/** @throws UsageError */
export function parseListenAddress(text: string): ListenAddress {
  if (text === "stdio://") return { kind: "stdio" };
  if (text === "off") return { kind: "off" };
  if (text.startsWith("unix://")) return parseSocketPath(text);
  if (!text.startsWith("ws://") && !text.startsWith("wss://")) {
    throw invalid(text, `unsupported --listen URL \`${text}\`; expected \`stdio://\`, \`ws://IP:PORT\`, or \`off\``);
  }
  const parts = /^wss?:\/\/(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(text);
  const host = parts?.[1] ?? parts?.[2] ?? "";
  const port = Number(parts?.[3] ?? Number.NaN);
  const isAddress = parts?.[1] === undefined ? isIpv4(host) : isIpv6(host);
  if (!isAddress || !(port <= 65535)) {
    throw invalid(text, `invalid websocket --listen URL \`${text}\`; expected \`ws://IP:PORT\``);
  }
  return { kind: "websocket", secure: text.startsWith("wss:"), host, port };
}

function parseSocketPath(text: string): ListenAddress {
  const path = text.slice("unix://".length);
  if (isAbsolutePath(path)) return { kind: "unix", path };
  throw invalid(text, `invalid unix --listen URL \`${text}\`; expected \`unix:///ABSOLUTE/PATH\``);
}

// wire: the three sentences of this file are the reference's, for tools that show them.
function invalid(text: string, reason: string): UsageError {
  return new UsageError(`invalid value '${text}' for '--listen <URL>': ${reason}`);
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  return URL.canParse(`http://[${text}]/`);
}
