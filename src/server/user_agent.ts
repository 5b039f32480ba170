// The user agent that `initialize` answers with, and that requests to the model carry.
import type { ServerInfo } from "./services.ts";

/** Control characters cannot stand in an HTTP header; everything else can, as UTF-8. */
export function isHeaderValue(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text);
}

/**
 * For example `codex-tui/0.120.0 (Debian 12.0.0; x86_64) xterm-256color (codex-tui; 0.120.0)`. Always a header value:
 * where a name or version would break it, everything but plain printable ASCII becomes `_`. Source: recorded answers.
 */
export function userAgent(originator: string, info: ServerInfo, client: { name: string; version: string }): string {
  const suffix = `${client.name}; ${client.version}`.trim();
  const text = `${originator}/${info.version} (${info.osDescription}; ${info.arch}) ${info.terminal} (${suffix})`;
  return isHeaderValue(text) ? text : text.replace(/[^ -~]/gu, "_");
}
