// What setup needs of a system, as an interface: Windows carries it out (windows_setup_system.ts), a made-up one tests it.
import type { AnyEntry } from "../../host/windows/acl.ts";
import type { SandboxSecrets, SetupMarker } from "./accounts_file.ts";
import type { FirewallRule } from "./setup_steps.ts";

/** Marker and passwords, null for one that is missing or of another version. */
export interface SetupRecord {
  readonly marker: SetupMarker | null;
  readonly secrets: SandboxSecrets | null;
  /** There is a file of it, whatever it says. */
  readonly isThere: boolean;
}

/** Every call throws CodexError SANDBOX_UNAVAILABLE with the call's name when the system refuses. */
export interface SetupSystem {
  /** May this process change the machine? */
  isAdministrator(): boolean;
  /** Of a user or a group, or null. */
  findSid(name: string): string | null;
  addGroup(name: string): void;
  removeGroup(name: string): void;
  addUser(name: string, password: string): void;
  setPassword(name: string, password: string): void;
  /** With the profile that the first logon made. */
  removeUser(name: string, sid: string): void;
  members(group: string): readonly string[];
  addMember(group: string, sid: string): void;
  isHidden(user: string): boolean;
  setHidden(user: string, hidden: boolean): void;
  /**
   * Who the rules are about, each read back from the firewall; null where there is no such rule, "" for a wrong one.
   * Null for all when the firewall does not answer.
   */
  readRules(): Promise<Readonly<Record<FirewallRule, string | null>> | null>;
  setRule(rule: FirewallRule, sid: string): Promise<void>;
  removeRule(rule: FirewallRule): Promise<void>;
  pathExists(path: string): Promise<boolean>;
  readAccess(path: string): readonly AnyEntry[] | null;
  writeAccess(path: string, entries: readonly AnyEntry[]): void;
  /** As base64 that only this user can read again. */
  protect(text: string): string;
  canUnprotect(secret: string): boolean;
  randomPassword(): string;
  readRecord(): Promise<SetupRecord>;
  makeRecordFolders(): Promise<void>;
  writeRecord(marker: SetupMarker, secrets: SandboxSecrets): Promise<void>;
  removeRecord(): Promise<void>;
  /** This program again with these words, as administrator; settles when it has ended, however it did. */
  startElevated(words: readonly string[]): Promise<void>;
  /** Unix milliseconds. */
  nowMs(): number;
}
