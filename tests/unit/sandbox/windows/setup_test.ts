import assert from "node:assert/strict";
import fc from "fast-check";
import { CodexError } from "../../../../src/base/errors.ts";
import { allowEntry } from "../../../../src/sandbox/windows/access_rules.ts";
import {
  readSetupState,
  setUp,
  setUpAsAdministrator,
  type SetupPlaces,
  takeDown,
} from "../../../../src/sandbox/windows/setup.ts";
import { removalSteps, setupSteps } from "../../../../src/sandbox/windows/setup_steps.ts";
import { isComplete, statusText, stepText } from "../../../../src/sandbox/windows/setup_text.ts";
import { FakeSetupSystem, OWN_ENTRY, SECRETS_FOLDER } from "./_fake_setup_system.ts";

const PROGRAM = "C:\\bin\\codex.exe";
const ROOT = "C:\\ws";
const GONE = "C:\\was-here";
const places: SetupPlaces = {
  wanted: [{ path: PROGRAM, access: "read" }, { path: SECRETS_FOLDER, access: "nothing" }],
  opened: [ROOT, GONE],
};

function freshSystem(): FakeSetupSystem {
  const system = new FakeSetupSystem();
  system.lists.set(PROGRAM, [OWN_ENTRY]);
  system.lists.set(ROOT, [OWN_ENTRY]);
  return system;
}

async function runSetup(system: FakeSetupSystem, dryRun = false): Promise<string[]> {
  const told: string[] = [];
  await setUp({ system, places, dryRun, onStep: (text) => told.push(text) });
  return told;
}

async function runRemoval(system: FakeSetupSystem, dryRun = false): Promise<string[]> {
  const told: string[] = [];
  await takeDown({ system, places, dryRun, onStep: (text) => told.push(text) });
  return told;
}

Deno.test("setUp() on a fresh machine makes all there is, the record last", async () => {
  const system = freshSystem();
  assert.deepEqual(await runSetup(system), [
    "make the local group CodexSandboxUsers",
    "make the local user CodexSandboxOffline, with a random password",
    "put CodexSandboxOffline into CodexSandboxUsers",
    "hide CodexSandboxOffline from the login screen",
    "make the local user CodexSandboxOnline, with a random password",
    "put CodexSandboxOnline into CodexSandboxUsers",
    "hide CodexSandboxOnline from the login screen",
    "set the firewall rule that blocks all that is sent for CodexSandboxOffline",
    "set the firewall rule that blocks what is sent to this machine itself for CodexSandboxOffline",
    `let CodexSandboxUsers read and run "${PROGRAM}"`,
    `keep CodexSandboxUsers out of "${SECRETS_FOLDER}"`,
    "keep the passwords in CODEX_HOME, protected for this user (DPAPI)",
  ]);
  const offline = system.findSid("CodexSandboxOffline");
  assert.deepEqual([system.rules.get("outbound"), system.rules.get("loopback")], [offline, offline]);
  assert.equal(system.secrets?.offline.password, `protected:${system.passwords.get("CodexSandboxOffline")}`);
  assert.equal(system.secrets?.online.password, `protected:${system.passwords.get("CodexSandboxOnline")}`);
  assert.notEqual(system.secrets?.online.password, system.secrets?.offline.password);
});

Deno.test("setUp() a second time changes nothing, passwords neither", async () => {
  const system = freshSystem();
  await runSetup(system);
  const [changes, secrets] = [system.changes, system.secrets];
  assert.deepEqual(await runSetup(system), []);
  assert.deepEqual([system.changes, system.secrets], [changes, secrets]);
});

Deno.test("takeDown() leaves what was there before setup, and a second time changes nothing", async () => {
  const system = freshSystem();
  const before = system.snapshot();
  await runSetup(system);
  const group = system.findSid("CodexSandboxUsers") ?? "";
  system.lists.set(ROOT, [allowEntry(group, 0x1301bf), OWN_ENTRY]); // as a command leaves it
  await runRemoval(system);
  assert.deepEqual(system.snapshot(), before);
  const changes = system.changes;
  assert.deepEqual(await runRemoval(system), []);
  assert.equal(system.changes, changes);
});

Deno.test("--dry-run tells the same steps, and changes nothing, administrator or not", async () => {
  const [dry, real] = [freshSystem(), freshSystem()];
  dry.administrator = false;
  const before = dry.snapshot();
  assert.deepEqual(await runSetup(dry, true), await runSetup(real));
  assert.deepEqual([dry.snapshot(), dry.changes], [before, 0]);
  const changes = real.changes;
  const wouldRemove = await runRemoval(real, true);
  assert.equal(real.changes, changes);
  assert.deepEqual(wouldRemove, await runRemoval(real));
});

Deno.test("without an administrator nothing is changed, and the way to one is told", async () => {
  const system = freshSystem();
  system.administrator = false;
  await assert.rejects(runSetup(system), (error) => {
    assert.ok(error instanceof CodexError && error.code === "SANDBOX_UNAVAILABLE");
    assert.match(error.message, /needs an administrator/);
    assert.match(error.hint ?? "", /Run as administrator/);
    return true;
  });
  assert.equal(system.changes, 0);
});

Deno.test("a system that says yes and does nothing is found out", async () => {
  const system = freshSystem();
  system.setHidden = () => {};
  await assert.rejects(runSetup(system), /Windows did not hide CodexSandboxOffline from the login screen; nor hide/);
});

/** What somebody or something may do to a setup. */
const damages: readonly ((system: FakeSetupSystem) => void)[] = [
  (system) => system.accounts.delete("CodexSandboxOffline"),
  (system) => system.accounts.delete("CodexSandboxOnline"),
  (system) => void (system.accounts.delete("CodexSandboxUsers"), system.groups.delete("CodexSandboxUsers")),
  (system) => system.groups.get("CodexSandboxUsers")?.clear(),
  (system) => system.hidden.clear(),
  (system) => system.rules.delete("outbound"),
  (system) => system.rules.set("loopback", ""),
  (system) => system.lists.set(PROGRAM, [OWN_ENTRY]),
  (system) => system.lists.delete(SECRETS_FOLDER),
  (system) => system.marker = null,
  (system) => system.secrets = null,
  (system) => {
    const { secrets } = system;
    if (secrets !== null) system.secrets = { ...secrets, online: { ...secrets.online, password: "of another user" } };
  },
];
const anyDamage = fc.subarray([...damages]);

Deno.test("setUp() repairs whatever is missing, then has nothing to do; takeDown() takes it all away", async () => {
  await fc.assert(fc.asyncProperty(anyDamage, async (chosen) => {
    const system = freshSystem();
    const before = system.snapshot();
    await runSetup(system);
    chosen.forEach((damage) => damage(system));
    await runSetup(system);
    const state = await readSetupState(system, places);
    assert.ok(isComplete(state));
    assert.deepEqual(await runSetup(system), []);
    for (const user of ["offline", "online"] as const) {
      const name = system.secrets?.[user].username ?? "";
      assert.equal(system.secrets?.[user].password, `protected:${system.passwords.get(name)}`);
    }
    await runRemoval(system);
    // An entry for a group that somebody removed by hand names a SID that nobody knows any more.
    if (!chosen.includes(damages[2]!)) assert.deepEqual(system.snapshot(), before);
    assert.deepEqual(removalSteps(await readSetupState(system, places)), []);
  }));
});

Deno.test("cut short at any change, setup and removal each go on from there", async () => {
  const whole = freshSystem();
  await runSetup(whole);
  const setupChanges = whole.changes;
  await runRemoval(whole);
  const removalChanges = whole.changes - setupChanges;
  for (let at = 0; at < setupChanges; at++) {
    const system = freshSystem();
    const before = system.snapshot();
    system.changesLeft = at;
    await assert.rejects(runSetup(system), /the power went/);
    assert.equal(isComplete(await readSetupState(system, places)), false);
    system.changesLeft = Infinity;
    if (at % 2 === 0) await runSetup(system);
    await runRemoval(system);
    system.lists.delete(SECRETS_FOLDER); // an empty folder may stay where nothing was written
    assert.deepEqual(system.snapshot(), before);
  }
  for (let at = 0; at < removalChanges; at++) {
    const system = freshSystem();
    const before = system.snapshot();
    await runSetup(system);
    system.changesLeft = at;
    await assert.rejects(runRemoval(system), /the power went/);
    system.changesLeft = Infinity;
    await runRemoval(system);
    assert.deepEqual(system.snapshot(), before);
  }
});

Deno.test("statusText() has a line for each thing, and what to do next", async () => {
  const system = freshSystem();
  const fresh = statusText(await readSetupState(system, places));
  assert.equal(fresh.split("\n").length, 10);
  assert.match(fresh, /group CodexSandboxUsers: +missing\n/);
  assert.match(fresh, /run `codex sandbox windows setup` as administrator\n$/);
  await runSetup(system);
  const done = statusText(await readSetupState(system, places));
  assert.doesNotMatch(done, /missing/);
  assert.match(done, /can be used\n$/);
  system.hidden.clear();
  assert.match(
    statusText(await readSetupState(system, places)),
    /user CodexSandboxOnline: +S-1-[0-9-]+, shown at login\n/,
  );
});

Deno.test("stepText() says something else for each step", async () => {
  const system = freshSystem();
  const steps = setupSteps(await readSetupState(system, places));
  await runSetup(system);
  const removal = removalSteps(await readSetupState(system, places));
  const texts = [...steps, ...removal].map(stepText);
  assert.equal(new Set(texts).size, texts.length);
});

Deno.test("setUpAsAdministrator() believes what is there afterwards, and asks nobody when all is", async () => {
  const system = freshSystem();
  system.administrator = false;
  await assert.rejects(setUpAsAdministrator(system, places), /it did not make the local group/);
  system.onElevated = async () => {
    system.administrator = true;
    await runSetup(system);
    system.administrator = false;
  };
  await setUpAsAdministrator(system, places);
  system.onElevated = () => Promise.reject(new Error("asked again"));
  await setUpAsAdministrator(system, places);
});

Deno.test("a firewall that does not answer is told, and nothing counts as set up without it", async () => {
  const system = freshSystem();
  system.firewall = false;
  await assert.rejects(runSetup(system), /no firewall/);
  const state = await readSetupState(system, places);
  assert.equal(isComplete(state), false);
  assert.match(statusText(state), /firewall, outbound: +unreadable\n/);
  system.firewall = true;
  await runSetup(system);
  system.firewall = false;
  assert.equal(isComplete(await readSetupState(system, places)), false);
});
