import assert from "node:assert/strict";
import { serverBanner } from "../../../src/server/banner.ts";

Deno.test("serverBanner() has the lines that scripts read", () => {
  const rows: [string, string][] = [
    ["127.0.0.1", "127.0.0.1:4500"],
    ["::1", "[::1]:4500"],
    ["0.0.0.0", "0.0.0.0:4500"],
  ];
  for (const [hostname, where] of rows) {
    const banner = serverBanner({ hostname, port: 4500, authenticated: true, colour: false });
    assert.deepEqual(banner.split("\n").slice(0, 4), [
      "codex app-server (WebSockets)",
      `  listening on: ws://${where}`,
      `  readyz: http://${where}/readyz`,
      `  healthz: http://${where}/healthz`,
    ]);
    assert.match(banner, /\n {2}note: [^\n]+\n$/);
  }
});

Deno.test("serverBanner() says who can connect", () => {
  const note = (hostname: string, authenticated: boolean): string =>
    serverBanner({ hostname, port: 1, authenticated, colour: false }).split("note: ")[1] ?? "";
  assert.match(note("127.0.0.1", false), /only this machine/);
  assert.match(note("::1", true), /with the token/);
  assert.match(note("0.0.0.0", false), /ANYONE/);
  assert.match(note("192.168.1.5", true), /not encrypted/);
});

Deno.test("serverBanner() paints labels and addresses on a terminal", () => {
  const banner = serverBanner({ hostname: "127.0.0.1", port: 1, authenticated: false, colour: true });
  assert.ok(
    banner.startsWith("\u001b[36;1mcodex app-server (WebSockets)\u001b[0m\n  \u001b[2mlistening on:\u001b[0m "),
  );
});
