import assert from "node:assert/strict";
import { createFailureLimit } from "../../../src/auth/failure_limit.ts";
import { createOwnUserCheck } from "../../../src/server/own_user.ts";
import { makeRecordingLog } from "../../support/recording_log.ts";

const LOCAL = { hostname: "127.0.0.1", port: 4500 };
const PEER = { hostname: "127.0.0.1", port: 50_000 };

Deno.test("createOwnUserCheck() lets in the own user alone, and logs each other one once a minute with a count", async () => {
  const { log, lines } = makeRecordingLog();
  let nowMs = 0;
  let opened = 0;
  let uid: number | null = 1000;
  const refusals = createFailureLimit({ perMinute: 0, log, nowMs: () => nowMs });
  const isOwnUser = createOwnUserCheck({
    uid: 1000,
    openOwners: () => Promise.resolve({ uidOf: () => (opened++, Promise.resolve(uid)) }),
    refusals,
  });
  assert.equal(await isOwnUser(LOCAL, PEER), true);
  for (const other of [0, 65_534, 65_534, 65_534, null]) {
    uid = other;
    assert.equal(await isOwnUser(LOCAL, PEER), false, `${other}`);
  }
  assert.equal(opened, 6);
  const reason = "reason=only programs of the server's own user may connect without --ws-auth";
  assert.deepEqual(lines, [
    `warn Refused a handshake address=user 0 ${reason}`,
    `warn Refused a handshake address=user 65534 ${reason}`,
    `warn Refused a handshake address=a client whose user is not known ${reason}`,
  ]);
  nowMs = 60_000;
  refusals.sweep();
  assert.deepEqual(lines.slice(3), [
    `warn Refused handshakes in the last minute address=user 65534 count=3 ${reason}`,
  ]);
});

Deno.test("createOwnUserCheck() lets in nobody where the system tells nothing", async () => {
  const { log, lines } = makeRecordingLog();
  const refusals = createFailureLimit({ perMinute: 0, log, nowMs: () => 0 });
  const isOwnUser = createOwnUserCheck({ uid: 0, openOwners: () => Promise.resolve(null), refusals });
  assert.equal(await isOwnUser(LOCAL, PEER), false);
  assert.match(lines[0] ?? "", /whose user is not known/);
});
