// Setup of the elevated level, its state and its removal, over any system. Each looks first and does only what is
// missing, so that each can be repeated, and goes on where an earlier one broke off.
import { CodexError } from "../../base/errors.ts";
import { SANDBOX_GROUP, type SandboxSecrets, SETUP_VERSION } from "./accounts_file.ts";
import { allowEntry, denyEntry, FILE_ALL, FILE_READ_EXECUTE, withEntries, withoutSids } from "./access_rules.ts";
import {
  type FirewallRule,
  type RemovalStep,
  removalSteps,
  type SandboxUserKind,
  type SetupState,
  type SetupStep,
  setupSteps,
  USER_KINDS,
  type UserState,
  type WantedPath,
} from "./setup_steps.ts";
import type { SetupSystem } from "./setup_system.ts";
import { stepText, USER_NAMES } from "./setup_text.ts";

export interface SetupPlaces {
  /** What the group may read, and what it is kept out of. */
  readonly wanted: readonly WantedPath[];
  /** Where entries of the group may be beside those: what earlier commands opened. */
  readonly opened: readonly string[];
}

/** Changes nothing. @throws CodexError SANDBOX_UNAVAILABLE */
export async function readSetupState(system: SetupSystem, places: SetupPlaces): Promise<SetupState> {
  const { marker, secrets, isThere } = await system.readRecord();
  const groupSid = system.findSid(SANDBOX_GROUP);
  const members = groupSid === null ? [] : system.members(SANDBOX_GROUP);
  const user = (kind: SandboxUserKind): UserState => {
    const sid = system.findSid(USER_NAMES[kind]);
    return { sid, isMember: sid !== null && members.includes(sid), isHidden: system.isHidden(USER_NAMES[kind]) };
  };
  const users = { offline: user("offline"), online: user("online") };
  const rules = await system.readRules();
  const rule = (name: FirewallRule): SetupState["rules"][FirewallRule] => {
    if (rules === null) return "unreadable";
    return rules[name] === null ? "missing" : rules[name] === users.offline.sid ? "right" : "wrong";
  };
  const isRight = marker !== null && secrets !== null && marker.group_sid === groupSid &&
    marker.offline_sid === users.offline.sid &&
    USER_KINDS.every((kind) =>
      secrets[kind].username === USER_NAMES[kind] && system.canUnprotect(secrets[kind].password)
    );
  // An entry names a SID: after the group has gone, the marker still knows it.
  const groupSids = [groupSid, marker?.group_sid ?? null].filter((sid) => sid !== null);
  const paths: SetupState["paths"][number][] = [];
  const entered: string[] = [];
  for (const path of new Set([...places.wanted.map(({ path }) => path), ...places.opened])) {
    const list = await system.pathExists(path) ? system.readAccess(path) : null;
    if (list !== null && withoutSids(list, groupSids) !== null) entered.push(path);
    const wanted = places.wanted.find((one) => one.path === path);
    if (wanted === undefined) continue;
    const isSet = groupSid !== null && list !== null && withEntries(list, [entryOf(wanted, groupSid)]) === null;
    paths.push({ ...wanted, isSet });
  }
  const record = isRight ? "right" : isThere ? "wrong" : "missing";
  return { groupSid, users, rules: { outbound: rule("outbound"), loopback: rule("loopback") }, record, paths, entered };
}

export interface SetupRun {
  readonly system: SetupSystem;
  readonly places: SetupPlaces;
  /** Only tells what would be done. */
  readonly dryRun: boolean;
  readonly onStep: (text: string) => void;
}

/** The number of steps that were done, or would be. @throws CodexError SANDBOX_UNAVAILABLE */
export async function setUp({ system, places, dryRun, onStep }: SetupRun): Promise<number> {
  const state = await readSetupState(system, places);
  const steps = setupSteps(state);
  if (dryRun || steps.length === 0) return tell(steps, onStep);
  requireAdministrator(system, "set up");
  await system.makeRecordFolders();
  const secrets = newSecrets(system);
  for (const step of steps) {
    onStep(stepText(step));
    await doStep(system, step, secrets);
  }
  const left = setupSteps(await readSetupState(system, places));
  if (left.length > 0) {
    // Read back: a call that says it succeeded is no proof.
    throw new CodexError(
      "SANDBOX_UNAVAILABLE",
      `Cannot set up the elevated sandbox: Windows did not ${leftText(left)}`,
    );
  }
  return steps.length;
}

/**
 * By another start of this program, which the person allows. What counts is what is there afterwards, and that this user
 * can read it: somebody may have become another user to be administrator.
 * @throws CodexError SANDBOX_UNAVAILABLE
 */
export async function setUpAsAdministrator(system: SetupSystem, places: SetupPlaces): Promise<void> {
  if (setupSteps(await readSetupState(system, places)).length === 0) return;
  await system.startElevated(["sandbox", "windows", "setup"]);
  const left = setupSteps(await readSetupState(system, places));
  if (left.length === 0) return;
  throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot set up the elevated sandbox: it did not ${leftText(left)}`, {
    hint:
      "Run `codex sandbox windows setup` in a terminal of an administrator, as the user who uses codex: it says why",
  });
}

/** The number of steps that were done, or would be. @throws CodexError SANDBOX_UNAVAILABLE */
export async function takeDown({ system, places, dryRun, onStep }: SetupRun): Promise<number> {
  const state = await readSetupState(system, places);
  const { marker } = await system.readRecord();
  const steps = removalSteps(state);
  if (dryRun || steps.length === 0) return tell(steps, onStep);
  requireAdministrator(system, "remove");
  const groupSids = [state.groupSid, marker?.group_sid ?? null].filter((sid) => sid !== null);
  for (const step of steps) {
    onStep(stepText(step));
    await undoStep(system, step, { state, groupSids });
  }
  const left = removalSteps(await readSetupState(system, places));
  if (left.length > 0) {
    throw new CodexError(
      "SANDBOX_UNAVAILABLE",
      `Cannot remove the elevated sandbox: Windows did not ${leftText(left)}`,
    );
  }
  return steps.length;
}

type Passwords = Readonly<Record<SandboxUserKind, string>>;

function newSecrets(system: SetupSystem): Passwords {
  return { offline: system.randomPassword(), online: system.randomPassword() };
}

async function doStep(system: SetupSystem, step: SetupStep, passwords: Passwords): Promise<void> {
  switch (step.kind) {
    case "addGroup":
      return system.addGroup(SANDBOX_GROUP);
    case "addUser":
      return system.addUser(USER_NAMES[step.user], passwords[step.user]);
    case "renewPassword":
      return system.setPassword(USER_NAMES[step.user], passwords[step.user]);
    case "addMember":
      return system.addMember(SANDBOX_GROUP, sidOf(system, USER_NAMES[step.user]));
    case "hideUser":
      return system.setHidden(USER_NAMES[step.user], true);
    case "setRule":
      return await system.setRule(step.rule, sidOf(system, USER_NAMES.offline));
    case "setPath": {
      const changed = withEntries(system.readAccess(step.path), [entryOf(step, sidOf(system, SANDBOX_GROUP))]);
      if (changed !== null) system.writeAccess(step.path, changed);
      return;
    }
    case "writeRecord": {
      const account = (kind: SandboxUserKind): SandboxSecrets["offline"] => ({
        username: USER_NAMES[kind],
        password: system.protect(passwords[kind]),
      });
      return await system.writeRecord({
        version: SETUP_VERSION,
        offline_username: USER_NAMES.offline,
        online_username: USER_NAMES.online,
        created_at: new Date(system.nowMs()).toISOString(),
        group_sid: sidOf(system, SANDBOX_GROUP),
        offline_sid: sidOf(system, USER_NAMES.offline),
      }, { version: SETUP_VERSION, offline: account("offline"), online: account("online") });
    }
  }
}

interface Removal {
  readonly state: SetupState;
  readonly groupSids: readonly string[];
}

async function undoStep(system: SetupSystem, step: RemovalStep, { state, groupSids }: Removal): Promise<void> {
  switch (step.kind) {
    case "clearPath": {
      const list = system.readAccess(step.path);
      const changed = list === null ? null : withoutSids(list, groupSids);
      if (changed !== null) system.writeAccess(step.path, changed);
      return;
    }
    case "removeRule":
      return await system.removeRule(step.rule);
    case "showUser":
      return system.setHidden(USER_NAMES[step.user], false);
    case "removeUser":
      return system.removeUser(USER_NAMES[step.user], state.users[step.user].sid ?? "");
    case "removeGroup":
      return system.removeGroup(SANDBOX_GROUP);
    case "removeRecord":
      return await system.removeRecord();
  }
}

function entryOf({ access }: Pick<WantedPath, "access">, groupSid: string): ReturnType<typeof allowEntry> {
  // What may be read is a file, and the list of a file keeps no flags of inheritance.
  return access === "read" ? { ...allowEntry(groupSid, FILE_READ_EXECUTE), flags: 0 } : denyEntry(groupSid, FILE_ALL);
}

function sidOf(system: SetupSystem, name: string): string {
  const sid = system.findSid(name);
  if (sid !== null) return sid;
  throw new CodexError(
    "SANDBOX_UNAVAILABLE",
    `Cannot find the account "${name}" that was just made (LookupAccountName)`,
  );
}

function requireAdministrator(system: SetupSystem, action: string): void {
  if (system.isAdministrator()) return;
  throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot ${action} the elevated sandbox: this needs an administrator`, {
    hint: 'Open a terminal with "Run as administrator", as the user who uses codex, and run the command there again',
  });
}

function tell(steps: readonly (SetupStep | RemovalStep)[], onStep: (text: string) => void): number {
  for (const step of steps) onStep(stepText(step));
  return steps.length;
}

function leftText(left: readonly (SetupStep | RemovalStep)[]): string {
  return left.map(stepText).join("; nor ");
}
