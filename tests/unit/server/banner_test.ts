import assert from "node:assert/strict";
import { type BannerFacts, serverBanner } from "../../../src/server/banner.ts";

function facts(hostname: string, rest: Partial<BannerFacts> = {}): BannerFacts {
  const where = hostname.includes(":") ? `[${hostname}]:4500` : `${hostname}:4500`;
  return {
    url: `ws://${where}`,
    address: { hostname, port: 4500 },
    auth: "none",
    ownUserOnly: true,
    colour: false,
    ...rest,
  };
}

Deno.test("serverBanner() has the lines that scripts read", () => {
  const rows: [string, string][] = [
    ["127.0.0.1", "127.0.0.1:4500"],
    ["::1", "[::1]:4500"],
    ["0.0.0.0", "0.0.0.0:4500"],
  ];
  for (const [hostname, where] of rows) {
    const banner = serverBanner(facts(hostname));
    assert.deepEqual(banner.split("\n").slice(0, 4), [
      "codex app-server (WebSockets)",
      `  listening on: ws://${where}`,
      `  readyz: http://${where}/readyz`,
      `  healthz: http://${where}/healthz`,
    ]);
    assert.match(banner, /\n {2}note: [^\n]+\n$/);
  }
});

Deno.test("serverBanner() of TLS names https, of a socket file only the file", () => {
  const secure = serverBanner(facts("10.0.0.1", { url: "wss://10.0.0.1:4500", auth: "signed-bearer-token" }));
  assert.match(secure, /readyz: https:\/\/10\.0\.0\.1:4500\/readyz/);
  assert.equal(
    serverBanner(facts("", { url: "unix:///run/c.sock", address: null })),
    "codex app-server (WebSockets)\n  listening on: unix:///run/c.sock\n" +
      "  note: only programs of your own user can open this socket\n",
  );
});

Deno.test("serverBanner() says who can connect", () => {
  const note = (hostname: string, rest: Partial<BannerFacts> = {}): string =>
    serverBanner(facts(hostname, rest)).split("note: ")[1] ?? "";
  assert.match(note("127.0.0.1"), /only your own programs/);
  assert.match(note("127.0.0.1", { ownUserOnly: false }), /any user/);
  assert.match(note("::1", { auth: "capability-token" }), /with a token/);
  assert.match(note("0.0.0.0"), /ANYONE.*configure --ws-auth before real remote use/);
  assert.match(note("192.168.1.5", { auth: "capability-token" }), /not encrypted/);
  assert.doesNotMatch(note("192.168.1.5", { url: "wss://x", auth: "capability-token" }), /not encrypted/);
});

Deno.test("serverBanner() paints labels and addresses on a terminal", () => {
  const banner = serverBanner(facts("127.0.0.1", { colour: true }));
  assert.ok(
    banner.startsWith("\u001b[36;1mcodex app-server (WebSockets)\u001b[0m\n  \u001b[2mlistening on:\u001b[0m "),
  );
});
