// A made-up Windows for setup: accounts, rules, access lists and files in memory; any call can be made to fail.
import { type AnyEntry, INHERITED } from "../../../../src/host/windows/acl.ts";
import type { SandboxSecrets, SetupMarker } from "../../../../src/sandbox/windows/accounts_file.ts";
import type { FirewallRule } from "../../../../src/sandbox/windows/setup_steps.ts";
import type { SetupRecord, SetupSystem } from "../../../../src/sandbox/windows/setup_system.ts";

export const OWN_ENTRY: AnyEntry = { kind: "allow", flags: INHERITED, mask: 0x1f01ff, sid: "S-1-5-18" };
export const SECRETS_FOLDER = "C:\\home\\.sandbox-secrets";

export class FakeSetupSystem implements SetupSystem {
  administrator = true;
  /** Name → SID. */
  readonly accounts = new Map<string, string>();
  readonly passwords = new Map<string, string>();
  readonly groups = new Map<string, Set<string>>();
  readonly hidden = new Set<string>();
  readonly rules = new Map<FirewallRule, string>();
  readonly lists = new Map<string, readonly AnyEntry[]>();
  marker: SetupMarker | null = null;
  secrets: SandboxSecrets | null = null;
  /** How many changes succeed before one throws. */
  changesLeft = Infinity;
  changes = 0;
  #nextSid = 1000;

  #change(): void {
    if (this.changesLeft-- <= 0) throw new Error("the power went");
    this.changes++;
  }
  isAdministrator(): boolean {
    return this.administrator;
  }
  findSid(name: string): string | null {
    return this.accounts.get(name) ?? null;
  }
  #newSid(): string {
    return `S-1-5-21-1-2-3-${this.#nextSid++}`;
  }
  addGroup(name: string): void {
    this.#change();
    if (this.accounts.has(name)) throw new Error("2223");
    this.accounts.set(name, this.#newSid());
    this.groups.set(name, new Set());
  }
  removeGroup(name: string): void {
    this.#change();
    if (!this.accounts.delete(name)) throw new Error("2220");
    this.groups.delete(name);
  }
  addUser(name: string, password: string): void {
    this.#change();
    if (this.accounts.has(name)) throw new Error("2224");
    this.accounts.set(name, this.#newSid());
    this.passwords.set(name, password);
  }
  setPassword(name: string, password: string): void {
    this.#change();
    this.passwords.set(name, password);
  }
  removeUser(name: string, sid: string): void {
    this.#change();
    if (this.accounts.get(name) !== sid) throw new Error("2221");
    this.accounts.delete(name);
    this.passwords.delete(name);
    for (const members of this.groups.values()) members.delete(sid);
  }
  members(group: string): readonly string[] {
    return [...this.groups.get(group) ?? []];
  }
  addMember(group: string, sid: string): void {
    this.#change();
    const members = this.groups.get(group);
    if (members === undefined) throw new Error("2220");
    members.add(sid);
  }
  isHidden(user: string): boolean {
    return this.hidden.has(user);
  }
  setHidden(user: string, hidden: boolean): void {
    this.#change();
    if (hidden) this.hidden.add(user);
    else this.hidden.delete(user);
  }
  /** The firewall answers. */
  firewall = true;
  readRules(): Promise<Readonly<Record<FirewallRule, string | null>> | null> {
    if (!this.firewall) return Promise.resolve(null);
    return Promise.resolve({
      outbound: this.rules.get("outbound") ?? null,
      loopback: this.rules.get("loopback") ?? null,
    });
  }
  setRule(rule: FirewallRule, sid: string): Promise<void> {
    this.#change();
    if (!this.firewall) throw new Error("no firewall");
    this.rules.set(rule, sid);
    return Promise.resolve();
  }
  removeRule(rule: FirewallRule): Promise<void> {
    this.#change();
    this.rules.delete(rule);
    return Promise.resolve();
  }
  pathExists(path: string): Promise<boolean> {
    return Promise.resolve(this.lists.has(path));
  }
  readAccess(path: string): readonly AnyEntry[] {
    const list = this.lists.get(path);
    if (list === undefined) throw new Error(`2: ${path}`);
    return list;
  }
  writeAccess(path: string, entries: readonly AnyEntry[]): void {
    this.#change();
    this.lists.set(path, entries);
  }
  protect(text: string): string {
    return `protected:${text}`;
  }
  canUnprotect(secret: string): boolean {
    return secret.startsWith("protected:");
  }
  randomPassword(): string {
    return crypto.randomUUID();
  }
  readRecord(): Promise<SetupRecord> {
    return Promise.resolve({
      marker: this.marker,
      secrets: this.secrets,
      isThere: this.marker !== null || this.secrets !== null,
    });
  }
  makeRecordFolders(): Promise<void> {
    if (!this.lists.has(SECRETS_FOLDER)) this.lists.set(SECRETS_FOLDER, [OWN_ENTRY]);
    return Promise.resolve();
  }
  writeRecord(marker: SetupMarker, secrets: SandboxSecrets): Promise<void> {
    this.#change();
    [this.marker, this.secrets] = [marker, secrets];
    return Promise.resolve();
  }
  removeRecord(): Promise<void> {
    this.#change();
    [this.marker, this.secrets] = [null, null];
    this.lists.delete(SECRETS_FOLDER);
    return Promise.resolve();
  }
  /** What the elevated start does. */
  onElevated: () => Promise<void> = () => Promise.resolve();
  async startElevated(words: readonly string[]): Promise<void> {
    if (words.join(" ") !== "sandbox windows setup") throw new Error(`a start with ${words}`);
    await this.onElevated();
  }
  nowMs(): number {
    return 0;
  }

  /** All that a setup could leave. */
  snapshot(): unknown {
    return {
      accounts: [...this.accounts.keys()].sort(),
      hidden: [...this.hidden].sort(),
      rules: [...this.rules.keys()].sort(),
      lists: [...this.lists].sort(),
      record: [this.marker !== null, this.secrets !== null],
    };
  }
}
