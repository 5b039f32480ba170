// Access tokens: what this process's own token says, and the restricted one that a sandboxed command runs with.
// Source: winnt.h, CreateRestrictedToken.
import { type AclEntry, encodeAcl } from "./acl.ts";
import { firstU32, firstU64, win32Error, type WindowsApi } from "./api.ts";
import { bytesAt, Pinned, pointerTo, sidAt } from "./memory.ts";
import { encodeSid } from "./sid.ts";
import { sidAndAttributes, tokenDefaultDacl, tokenPrivileges } from "./structs.ts";
import { wideText } from "./command_line.ts";

const TOKEN_ALL_ACCESS = 0xf01ff;
const TOKEN_USER = 1;
const TOKEN_GROUPS = 2;
const TOKEN_DEFAULT_DACL = 6;
const TOKEN_RESTRICTED_SIDS = 11;
const TOKEN_ELEVATION = 20;
const SE_GROUP_LOGON_ID = 0xc000_0000;
const DISABLE_MAX_PRIVILEGE = 0x1;
const LUA_TOKEN = 0x4;
const WRITE_RESTRICTED = 0x8;
const SE_PRIVILEGE_ENABLED = 2;
const GROUPS_OFFSET = 8;

export interface TokenFacts {
  readonly user: string;
  /** Of this logon; null where the system gives none. */
  readonly logon: string | null;
  readonly isElevated: boolean;
  readonly isRestricted: boolean;
}

/** The handle of this process's token. The caller closes it. */
export function openOwnToken(api: WindowsApi): bigint {
  const handle = new Uint8Array(8);
  if (api.OpenProcessToken(api.GetCurrentProcess(), TOKEN_ALL_ACCESS, handle) === 0) {
    throw win32Error(api, "open the token of this process");
  }
  return firstU64(handle);
}

export function readToken(api: WindowsApi, token: bigint): TokenFacts {
  const groups = groupsOf(api, token, TOKEN_GROUPS);
  const elevation = tokenInformation(api, token, TOKEN_ELEVATION);
  return {
    user: sidAt(firstU64(tokenInformation(api, token, TOKEN_USER))),
    logon: groups.find(({ attributes }) => (attributes & SE_GROUP_LOGON_ID) >>> 0 === SE_GROUP_LOGON_ID)?.sid ?? null,
    isElevated: firstU32(elevation) !== 0,
    isRestricted: api.IsTokenRestricted(token) !== 0,
  };
}

/** Who must also be allowed what is written; null where the system does not tell. */
export function readRestrictingSids(api: WindowsApi, token: bigint): readonly string[] | null {
  try {
    return groupsOf(api, token, TOKEN_RESTRICTED_SIDS).map(({ sid }) => sid);
  } catch {
    return null;
  }
}

/** The bytes stay referenced by the caller while addresses in them are followed. */
function tokenInformation(api: WindowsApi, token: bigint, what: number): Uint8Array<ArrayBuffer> {
  const needed = new Uint8Array(4);
  api.GetTokenInformation(token, what, null, 0, needed);
  const bytes = new Uint8Array(Math.max(8, firstU32(needed)));
  if (api.GetTokenInformation(token, what, bytes, bytes.length, needed) === 0) {
    throw win32Error(api, `read part ${what} of a token`);
  }
  return bytes;
}

function groupsOf(api: WindowsApi, token: bigint, what: number): readonly { sid: string; attributes: number }[] {
  const bytes = tokenInformation(api, token, what);
  return Array.from({ length: firstU32(bytes) }, (_, index) => {
    const at = GROUPS_OFFSET + index * sidAndAttributes.size;
    const row = bytes.subarray(at, at + sidAndAttributes.size);
    return {
      sid: sidAt(sidAndAttributes.read(row, "Sid")),
      attributes: Number(sidAndAttributes.read(row, "Attributes")),
    };
  });
}

export interface RestrictedTokenPlan {
  /** Who must also be allowed to write what is written. */
  readonly restrictingSids: readonly string[];
  /** The list that objects made by the command get (pipes, events). */
  readonly defaultDacl: readonly AclEntry[];
}

/** A handle that the caller closes. @throws CodexError SANDBOX_UNAVAILABLE */
export function createRestrictedToken(api: WindowsApi, base: bigint, plan: RestrictedTokenPlan): bigint {
  const pinned = new Pinned();
  const rows = new Uint8Array(plan.restrictingSids.length * sidAndAttributes.size);
  plan.restrictingSids.forEach((sid, index) => {
    rows.set(sidAndAttributes.write({ Sid: pinned.address(encodeSid(sid)) }), index * sidAndAttributes.size);
  });
  const handle = new Uint8Array(8);
  const made = api.CreateRestrictedToken(
    base,
    DISABLE_MAX_PRIVILEGE | LUA_TOKEN | WRITE_RESTRICTED,
    0,
    null,
    0,
    null,
    plan.restrictingSids.length,
    rows,
    handle,
  );
  if (made === 0) throw win32Error(api, "make a restricted token");
  pinned.release();
  const token = firstU64(handle);
  const acl = encodeAcl(plan.defaultDacl);
  const dacl = tokenDefaultDacl.write({ DefaultDacl: pinned.address(acl) });
  if (api.SetTokenInformation(token, TOKEN_DEFAULT_DACL, dacl, dacl.length) === 0) {
    const error = win32Error(api, "set the default access list of a token");
    api.CloseHandle(token);
    throw error;
  }
  pinned.release();
  enablePrivilege(api, token, "SeChangeNotifyPrivilege");
  return token;
}

/** Walking through folders needs it. A system that has it on already, or has no such thing, is fine. */
function enablePrivilege(api: WindowsApi, token: bigint, name: string): void {
  const luid = new Uint8Array(8);
  if (api.LookupPrivilegeValueW(null, wideText(name), luid) === 0) return;
  const view = new DataView(luid.buffer);
  const privileges = tokenPrivileges.write({
    PrivilegeCount: 1,
    LuidLow: view.getUint32(0, true),
    LuidHigh: view.getInt32(4, true),
    Attributes: SE_PRIVILEGE_ENABLED,
  });
  api.AdjustTokenPrivileges(token, 0, privileges, 0, null, null);
}

/** The default list of a token, as bytes of an access control list. */
export function readDefaultDacl(api: WindowsApi, token: bigint): Uint8Array<ArrayBuffer> {
  const bytes = tokenInformation(api, token, TOKEN_DEFAULT_DACL);
  const address = firstU64(bytes);
  const header = bytesAt(address, 8);
  const size = new DataView(header.buffer).getUint16(2, true);
  return bytesAt(pointerTo(bytes) === null ? 0n : address, size);
}
