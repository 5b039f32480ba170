// What setup of the elevated level still has to do, and what its removal has to take away: steps from what is there.
// Pure. No state of a half-done setup is special: what is right stays, what is missing or wrong gets its step.

export type SandboxUserKind = "offline" | "online";
export const USER_KINDS: readonly SandboxUserKind[] = ["offline", "online"];

/** Of the firewall: all that the offline user sends, and what it sends to this machine itself. */
export type FirewallRule = "outbound" | "loopback";
export const FIREWALL_RULES: readonly FirewallRule[] = ["outbound", "loopback"];

export interface UserState {
  /** Null: there is no such user. */
  readonly sid: string | null;
  readonly isMember: boolean;
  /** From the screen that asks who logs on. */
  readonly isHidden: boolean;
}

/** What the group of the sandbox users may do with a path. */
export interface WantedPath {
  readonly path: string;
  readonly access: "read" | "nothing";
}

export interface SetupState {
  readonly groupSid: string | null;
  readonly users: Readonly<Record<SandboxUserKind, UserState>>;
  /** `unreadable` when the firewall does not answer: setup and removal then end with its reason. */
  readonly rules: Readonly<Record<FirewallRule, "missing" | "wrong" | "right" | "unreadable">>;
  /** Marker and passwords: `right` when they are of this version and these users, and this user can read them. */
  readonly record: "missing" | "wrong" | "right";
  readonly paths: readonly (WantedPath & { readonly isSet: boolean })[];
  /** Paths whose lists name the group. */
  readonly entered: readonly string[];
}

export type SetupStep =
  | { readonly kind: "addGroup" | "writeRecord" }
  | { readonly kind: "addUser" | "renewPassword" | "addMember" | "hideUser"; readonly user: SandboxUserKind }
  | { readonly kind: "setRule"; readonly rule: FirewallRule }
  | { readonly kind: "setPath"; readonly path: string; readonly access: WantedPath["access"] };

/** In the order in which they can be done; none when all is there. The record comes last: it says that all is there. */
export function setupSteps(state: SetupState): readonly SetupStep[] {
  const { users, rules, record } = state;
  const isNew = (user: SandboxUserKind): boolean => users[user].sid === null;
  // Passwords are kept together: one that is new makes the record new, and what it does not hold cannot be read again.
  const needsRecord = record !== "right" || state.groupSid === null || USER_KINDS.some(isNew);
  // A rule is about a SID, and an offline user made anew has another one.
  const needsRule = (rule: FirewallRule): boolean => rules[rule] !== "right" || isNew("offline");
  const needsPath = (isSet: boolean): boolean => !isSet || state.groupSid === null;
  return [
    ...only(state.groupSid === null, { kind: "addGroup" as const }),
    ...USER_KINDS.flatMap((user) => [
      ...only(isNew(user), { kind: "addUser" as const, user }),
      ...only(!isNew(user) && needsRecord, { kind: "renewPassword" as const, user }),
      ...only(isNew(user) || state.groupSid === null || !users[user].isMember, { kind: "addMember" as const, user }),
      ...only(!users[user].isHidden, { kind: "hideUser" as const, user }),
    ]),
    ...FIREWALL_RULES.filter(needsRule).map((rule) => ({ kind: "setRule" as const, rule })),
    ...state.paths.filter(({ isSet }) => needsPath(isSet))
      .map(({ path, access }) => ({ kind: "setPath" as const, path, access })),
    ...only(needsRecord, { kind: "writeRecord" as const }),
  ];
}

export type RemovalStep =
  | { readonly kind: "removeGroup" | "removeRecord" }
  | { readonly kind: "removeUser" | "showUser"; readonly user: SandboxUserKind }
  | { readonly kind: "removeRule"; readonly rule: FirewallRule }
  | { readonly kind: "clearPath"; readonly path: string };

/**
 * Entries go while the group's SID is still known, rules only after the user that they shut in; the record goes last,
 * so that a removal that was cut short can be done again.
 */
export function removalSteps(state: SetupState): readonly RemovalStep[] {
  const { users, rules, record } = state;
  return [
    ...state.entered.map((path) => ({ kind: "clearPath" as const, path })),
    ...USER_KINDS.flatMap((user) => [
      ...only(users[user].sid !== null, { kind: "removeUser" as const, user }),
      ...only(users[user].isHidden, { kind: "showUser" as const, user }),
    ]),
    ...FIREWALL_RULES.filter((rule) => rules[rule] !== "missing").map((rule) => ({
      kind: "removeRule" as const,
      rule,
    })),
    ...only(state.groupSid !== null, { kind: "removeGroup" as const }),
    ...only(record !== "missing", { kind: "removeRecord" as const }),
  ];
}

function only<T>(condition: boolean, step: T): readonly T[] {
  return condition ? [step] : [];
}
