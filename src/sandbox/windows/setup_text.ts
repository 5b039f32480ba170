// What setup, status and removal say to people. Pure.
import { OFFLINE_USER, ONLINE_USER, SANDBOX_GROUP } from "./accounts_file.ts";
import {
  FIREWALL_RULES,
  type RemovalStep,
  type SandboxUserKind,
  type SetupState,
  type SetupStep,
  setupSteps,
  USER_KINDS,
} from "./setup_steps.ts";

export const USER_NAMES: Readonly<Record<SandboxUserKind, string>> = { offline: OFFLINE_USER, online: ONLINE_USER };

/** One step as an order, without a full stop. */
export function stepText(step: SetupStep | RemovalStep): string {
  switch (step.kind) {
    case "addGroup":
      return `make the local group ${SANDBOX_GROUP}`;
    case "addUser":
      return `make the local user ${USER_NAMES[step.user]}, with a random password`;
    case "renewPassword":
      return `give ${USER_NAMES[step.user]} a new random password`;
    case "addMember":
      return `put ${USER_NAMES[step.user]} into ${SANDBOX_GROUP}`;
    case "hideUser":
      return `hide ${USER_NAMES[step.user]} from the login screen`;
    case "setRule":
      return `set the firewall rule that blocks ${RULE_WORDS[step.rule]} for ${OFFLINE_USER}`;
    case "setPath":
      return step.access === "read"
        ? `let ${SANDBOX_GROUP} read and run "${step.path}"`
        : `keep ${SANDBOX_GROUP} out of "${step.path}"`;
    case "writeRecord":
      return "keep the passwords in CODEX_HOME, protected for this user (DPAPI)";
    case "clearPath":
      return `take the entries of ${SANDBOX_GROUP} from "${step.path}"`;
    case "removeRule":
      return `remove the firewall rule that blocks ${RULE_WORDS[step.rule]}`;
    case "showUser":
      return `forget that ${USER_NAMES[step.user]} is hidden`;
    case "removeUser":
      return `remove the local user ${USER_NAMES[step.user]} and its profile`;
    case "removeGroup":
      return `remove the local group ${SANDBOX_GROUP}`;
    case "removeRecord":
      return "remove the marker and the passwords from CODEX_HOME";
  }
}

const RULE_WORDS = { outbound: "all that is sent", loopback: "what is sent to this machine itself" } as const;
const RULE_STATES = { missing: "missing", wrong: "wrong", right: "there", unreadable: "unreadable" } as const;
const RECORD_WORDS = {
  missing: "missing",
  wrong: "of another version or other users, or not readable by this user",
  right: "there",
} as const;

export function isComplete(state: SetupState): boolean {
  return setupSteps(state).length === 0;
}

/** A line a thing, and at the end whether commands can run. */
export function statusText(state: SetupState): string {
  const rows: (readonly [string, string])[] = [
    [`group ${SANDBOX_GROUP}`, state.groupSid ?? "missing"],
    ...USER_KINDS.map((user) => [`user ${USER_NAMES[user]}`, userWords(state.users[user])] as const),
    ...FIREWALL_RULES.map((rule) => [`firewall, ${rule}`, RULE_STATES[state.rules[rule]]] as const),
    ["passwords", RECORD_WORDS[state.record]],
    ...state.paths.map(({ path, access, isSet }) =>
      [access === "read" ? "may read" : "kept out of", `${path}${isSet ? "" : " (missing)"}`] as const
    ),
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const end = isComplete(state)
    ? 'The elevated sandbox is set up: windows.sandbox = "elevated" can be used'
    : "The elevated sandbox is not set up: run `codex sandbox windows setup` as administrator";
  return [...rows.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`), end].map((line) => `${line}\n`).join(
    "",
  );
}

function userWords({ sid, isMember, isHidden }: SetupState["users"]["offline"]): string {
  if (sid === null) return "missing";
  return [sid, ...(isMember ? [] : ["not in the group"]), ...(isHidden ? [] : ["shown at login"])].join(", ");
}
