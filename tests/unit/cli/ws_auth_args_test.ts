// What the door's flags make; what it says to wrong combinations is in tests/cli/server_flags_test.ts.
import assert from "node:assert/strict";
import type { LowFlags } from "../../../src/cli/shared_flags.ts";
import { decideWsAuth } from "../../../src/cli/ws_auth_args.ts";

const CAPABILITY: LowFlags = { wsAuth: "capability-token", wsTokenFile: "/t" };
const SIGNED: LowFlags = { wsAuth: "signed-bearer-token", wsSharedSecretFile: "/s" };

Deno.test("decideWsAuth() fills in what is not given", () => {
  assert.equal(decideWsAuth({}), null);
  assert.deepEqual(decideWsAuth(CAPABILITY), {
    request: { mode: "capability-token", tokenFile: "/t" },
    graceSeconds: 0,
    failuresPerMinute: 600,
  });
  assert.deepEqual(
    decideWsAuth({
      ...SIGNED,
      wsIssuer: "i",
      wsAudience: "a",
      wsMaxClockSkewSeconds: "+5",
      wsTokenGraceSeconds: "90",
      wsAuthFailuresPerMinute: "0",
    }),
    {
      request: {
        mode: "signed-bearer-token",
        secretFile: "/s",
        issuer: "i",
        audience: "a",
        maxClockSkewSeconds: 5n,
      },
      graceSeconds: 90,
      failuresPerMinute: 0,
    },
  );
});

Deno.test("decideWsAuth() takes whole numbers only", () => {
  for (const name of ["wsTokenGraceSeconds", "wsAuthFailuresPerMinute"] as const) {
    for (const text of ["-1", "1.5", "x", "1e3", " 1", "10000000000"]) {
      assert.throws(() => decideWsAuth({ ...CAPABILITY, [name]: text }), /^UsageError: invalid value '.*' for '--ws-/);
    }
  }
});
