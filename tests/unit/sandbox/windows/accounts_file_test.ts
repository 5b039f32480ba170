import assert from "node:assert/strict";
import { CodexError } from "../../../../src/base/errors.ts";
import { readSandboxAccounts, SETUP_VERSION, writeSetup } from "../../../../src/sandbox/windows/accounts_file.ts";
import { makeScratch } from "../../../support/workspace.ts";

const marker = {
  version: SETUP_VERSION,
  offline_username: "CodexSandboxOffline",
  online_username: "CodexSandboxOnline",
  created_at: "2027-01-15T08:00:00.000Z",
  group_sid: "S-1-5-21-1-2-3-1000",
  offline_sid: "S-1-5-21-1-2-3-1001",
} as const;
const secrets = {
  version: SETUP_VERSION,
  offline: { username: "CodexSandboxOffline", password: "one" },
  online: { username: "CodexSandboxOnline", password: "two" },
} as const;

async function refusal(home: string): Promise<string> {
  try {
    await readSandboxAccounts(home);
  } catch (error) {
    assert.ok(error instanceof CodexError && error.code === "SANDBOX_UNAVAILABLE");
    assert.match(error.hint ?? "", /`codex sandbox windows setup` as administrator/);
    return error.message;
  }
  throw new Error("it was not refused");
}

Deno.test("readSandboxAccounts() gives what setup wrote, and refuses none, half a one and an old one", async () => {
  await using scratch = await makeScratch();
  const home = scratch.path;
  assert.match(await refusal(home), /it is not set up$/);
  await writeSetup(home, marker, secrets);
  assert.deepEqual(await readSandboxAccounts(home), {
    offline: { user: "CodexSandboxOffline", secret: "one" },
    online: { user: "CodexSandboxOnline", secret: "two" },
    groupSid: marker.group_sid,
  });
  await Deno.writeTextFile(`${home}/.sandbox/setup_marker.json`, JSON.stringify({ ...marker, version: 4 }));
  assert.match(await refusal(home), /of another version, or incomplete$/);
  await writeSetup(home, marker, secrets);
  await Deno.remove(`${home}/.sandbox-secrets/sandbox_users.json`);
  assert.match(await refusal(home), /of another version, or incomplete$/);
});
