// A terminal UI and a server of different makers that know a secret: both modes of authentication, and what a person
// reads whose token is missing, wrong or too old.

import assert from "node:assert/strict";
import { makeJwt } from "../support/jwt.ts";
import { PLAIN_TEXT } from "../support/model_script.ts";
import { makeScratch } from "../support/workspace.ts";
import { type Maker, startPair } from "./pair.ts";
import { literal, quit, ready, say } from "./scenarios.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const ISSUER = "codex-tests";
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

interface Mode {
  readonly name: string;
  readonly args: (file: string) => string[];
  readonly secret: string;
  goodToken(): string | Promise<string>;
  /** Name, token, what is said of it, without spaces. */
  readonly badTokens: readonly (readonly [string, () => string | Promise<string>, RegExp])[];
}

const jwt = (claims: Record<string, unknown>, secret = SECRET): Promise<string> => makeJwt({ claims, secret });

const MODES: readonly Mode[] = [
  {
    name: "capability-token",
    args: (file) => ["--ws-auth", "capability-token", "--ws-token-file", file],
    secret: "capability-9f2c",
    goodToken: () => "capability-9f2c",
    badTokens: [["a wrong token", () => "capability-9f2d", /refusedthetoken\(HTTP401\)tip/]],
  },
  {
    name: "signed-bearer-token",
    args: (file) => ["--ws-auth", "signed-bearer-token", "--ws-shared-secret-file", file, "--ws-issuer", ISSUER],
    secret: SECRET,
    goodToken: () => jwt({ exp: nowSeconds() + 600, iss: ISSUER }),
    badTokens: [
      [
        "an expired token",
        () => jwt({ exp: nowSeconds() - 7_300, iss: ISSUER }),
        /refusedthetoken\(HTTP401\):itexpired2hoursago/,
      ],
      [
        "another secret's token",
        () => jwt({ exp: nowSeconds() + 600, iss: ISSUER }, `${SECRET}x`),
        /refusedthetoken\(HTTP401\)tip/,
      ],
      [
        "another issuer's token",
        () => jwt({ exp: nowSeconds() + 600, iss: "elsewhere" }),
        /refusedthetoken\(HTTP401\)tip/,
      ],
    ],
  },
];

/** The reference has one sentence for every failure. */
const REFERENCE_SENTENCE = /failedtoconnecttoremoteappserver/;

for (const [client, server] of [["reference", "ours"], ["ours", "reference"]] satisfies [Maker, Maker][]) {
  for (const mode of MODES) {
    Deno.test({
      name: `${client} terminal UI, ${server} server: ${mode.name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn(): Promise<void> {
        await using scratch = await makeScratch();
        const file = `${scratch.path}/secret`;
        await Deno.writeTextFile(file, mode.secret, { mode: 0o600 });
        await using pair = await startPair(client, server, mode.args(file));

        async function refused(name: string, token: string | undefined, sentence: RegExp): Promise<void> {
          await using terminal = await pair.openTui([], token === undefined ? {} : { token });
          assert.equal(await terminal.waitForExit(), 1, name);
          const screen = (await terminal.history()).replace(/\s+/g, "");
          assert.match(screen, client === "ours" ? sentence : REFERENCE_SENTENCE, name);
          assert.ok(token === undefined || !screen.includes(token), `${name} was printed`);
        }
        await refused("no token", undefined, /asksforatoken\(HTTP401\)tip/);
        for (const [name, token, sentence] of mode.badTokens) await refused(name, await token(), sentence);
        assert.equal(pair.model.requests.length, 0);

        await using terminal = await pair.openTui([], { token: await mode.goodToken() });
        await ready(pair, terminal);
        await say(pair, terminal, "please greet me %plain");
        await terminal.waitFor([/please greet me %plain/, literal(PLAIN_TEXT)]);
        await quit(terminal);
      },
    });
  }
}
