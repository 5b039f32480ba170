import assert from "node:assert/strict";
import { userAgent } from "../../../src/server/user_agent.ts";

const INFO = {
  codexHome: "/home/.codex",
  platformFamily: "unix",
  platformOs: "linux",
  osDescription: "Debian 12.0.0",
  arch: "x86_64",
  terminal: "xterm",
  version: "0.120.0",
} as const;

Deno.test("userAgent() is as recorded, and always a header value", () => {
  const rows: [string, string, string][] = [
    ["codex-tui", "0.120.0", "codex-tui/0.120.0 (Debian 12.0.0; x86_64) xterm (codex-tui; 0.120.0)"],
    ["中文", "1", "中文/0.120.0 (Debian 12.0.0; x86_64) xterm (中文; 1)"],
    ["中文", "1\n2é", "__/0.120.0 (Debian 12.0.0; x86_64) xterm (__; 1_2_)"],
    ["a\tb", "\u007f", "a_b/0.120.0 (Debian 12.0.0; x86_64) xterm (a_b; _)"],
    ["a/b", "1", "a/b/0.120.0 (Debian 12.0.0; x86_64) xterm (a/b; 1)"],
    ["", "", "/0.120.0 (Debian 12.0.0; x86_64) xterm (;)"],
    [" x ", " 1 ", " x /0.120.0 (Debian 12.0.0; x86_64) xterm (x ;  1)"],
  ];
  for (const [name, version, expected] of rows) assert.equal(userAgent(name, INFO, { name, version }), expected, name);
});
