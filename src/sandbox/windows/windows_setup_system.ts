// What setup needs, carried out by Windows. Loaded by `codex sandbox windows setup|status|remove` and the server's
// request for it alone.
import { CodexError } from "../../base/errors.ts";
import { findLinkStat, findText, removeFile, removeTree } from "../../host/files.ts";
import {
  addLocalGroup,
  addLocalUser,
  addToLocalGroup,
  findAccountSid,
  readLocalGroup,
  removeLocalGroup,
  removeLocalUser,
  setLocalPassword,
} from "../../host/windows/accounts.ts";
import { openAccountsApi, openWindowsApi } from "../../host/windows/api.ts";
import { startElevated } from "../../host/windows/elevate.ts";
import { readUserRules, removeUserRule, setUserRule } from "../../host/windows/firewall.ts";
import { isHiddenAtLogin, setHiddenAtLogin } from "../../host/windows/login_screen.ts";
import { protectBytes, unprotectBytes } from "../../host/windows/protected_data.ts";
import { readDacl, writeDacl } from "../../host/windows/security.ts";
import { openOwnToken, readToken } from "../../host/windows/token.ts";
import { wideText } from "../../host/windows/command_line.ts";
import { systemClock } from "../../host/clock.ts";
import { findSetupMarker, findSetupSecrets, makeSetupFolders, setupPaths, writeSetup } from "./accounts_file.ts";
import { forgetOpenedPaths } from "./opened_paths.ts";
import { FIREWALL_RULES, type FirewallRule } from "./setup_steps.ts";
import type { SetupRecord, SetupSystem } from "./setup_system.ts";

const RULES: Readonly<Record<FirewallRule, { readonly name: string; readonly addresses: string }>> = {
  outbound: { name: "codex_sandbox_offline_block_outbound", addresses: "*" },
  loopback: { name: "codex_sandbox_offline_block_loopback", addresses: "127.0.0.0/8,::1" },
};

/** @throws CodexError SANDBOX_UNSUPPORTED anywhere but on Windows. */
export function createWindowsSetupSystem(codexHome: string): SetupSystem {
  const api = openWindowsApi();
  const accounts = openAccountsApi();
  const paths = setupPaths(codexHome);
  return {
    isAdministrator(): boolean {
      const token = openOwnToken(api);
      const { isElevated } = readToken(api, token);
      api.CloseHandle(token);
      return isElevated;
    },
    findSid: (name) => findAccountSid(api, name),
    addGroup: (name) => addLocalGroup(accounts, name),
    removeGroup: (name) => removeLocalGroup(accounts, name),
    addUser: (name, password) => addLocalUser(accounts, name, password),
    setPassword: (name, password) => setLocalPassword(accounts, name, password),
    removeUser: (name, sid) => removeLocalUser(accounts, name, sid),
    members: (group) => readLocalGroup(accounts, group),
    addMember: (group, sid) => addToLocalGroup(accounts, group, sid),
    isHidden: (user) => isHiddenAtLogin(accounts, user),
    setHidden: (user, hidden) => setHiddenAtLogin(accounts, user, hidden),
    async readRules(): Promise<Readonly<Record<FirewallRule, string | null>> | null> {
      try {
        const [outbound = null, loopback = null] = await readUserRules(FIREWALL_RULES.map((rule) => RULES[rule]));
        return { outbound, loopback };
      } catch (error) {
        if (error instanceof CodexError && error.code === "SANDBOX_UNAVAILABLE") return null;
        throw error;
      }
    },
    setRule: (rule, sid) => setUserRule({ ...RULES[rule], sid }),
    removeRule: (rule) => removeUserRule(RULES[rule].name),
    pathExists: async (path) => await findLinkStat(path) !== null,
    readAccess: (path) => readDacl(api, path),
    writeAccess: (path, entries) => writeDacl(api, path, entries),
    // With the zero at the end: as the call that takes it wants it.
    protect: (text) => protectBytes(accounts, wideText(text)),
    canUnprotect(secret): boolean {
      try {
        unprotectBytes(accounts, secret).fill(0);
        return true;
      } catch {
        return false;
      }
    },
    randomPassword,
    async readRecord(): Promise<SetupRecord> {
      const isThere = await findText(paths.marker) !== null || await findText(paths.secrets) !== null;
      return { marker: await findSetupMarker(codexHome), secrets: await findSetupSecrets(codexHome), isThere };
    },
    makeRecordFolders: () => makeSetupFolders(codexHome),
    writeRecord: (marker, secrets) => writeSetup(codexHome, marker, secrets),
    async removeRecord(): Promise<void> {
      await removeTree(paths.secretsFolder);
      await forgetOpenedPaths(codexHome);
      // Last: it knows the group's SID.
      if (await findLinkStat(paths.marker) !== null) await removeFile(paths.marker);
    },
    startElevated: (words) => startElevated(words, codexHome),
    nowMs: systemClock.nowMs,
  };
}

/** 256 bits, and one of each kind of character that a machine's rules may ask for. */
function randomPassword(): string {
  return `aZ9!${crypto.getRandomValues(new Uint8Array(32)).toBase64()}`;
}
