// Local users and groups of this machine. Sources: NetUserAdd, NetLocalGroupAdd, LookupAccountNameW, DeleteProfileW.
import { type AccountsApi, firstU32, firstU64, win32ErrorOf, type WindowsApi } from "./api.ts";
import { wideText } from "./command_line.ts";
import { bytesAt, Pinned, pointerAt, sidAt } from "./memory.ts";
import { decodeSid, encodeSid } from "./sid.ts";
import { localGroupInfo, memberInfo, userInfo, userPassword } from "./structs.ts";

const USER_PRIV_USER = 1;
const UF_SCRIPT = 0x1;
const UF_PASSWD_CANT_CHANGE = 0x40;
const UF_DONT_EXPIRE_PASSWD = 0x10000;
const SET_PASSWORD = 1003;
const MAX_PREFERRED_LENGTH = 0xffff_ffff;
const ERROR_MEMBER_IN_ALIAS = 1378;
const MAX_SID_BYTES = 68;
const NAME_CHARS = 256;

/** The SID of a user or group of this machine, or null when there is none. */
export function findAccountSid(api: WindowsApi, name: string): string | null {
  const [sid, sidSize] = [new Uint8Array(MAX_SID_BYTES), Uint32Array.of(MAX_SID_BYTES)];
  const [domain, domainChars] = [new Uint8Array(2 * NAME_CHARS), Uint32Array.of(NAME_CHARS)];
  const found = api.LookupAccountNameW(
    null,
    wideText(name),
    sid,
    new Uint8Array(sidSize.buffer),
    domain,
    new Uint8Array(domainChars.buffer),
    new Uint8Array(4),
  );
  return found === 0 ? null : decodeSid(sid);
}

/** @throws CodexError SANDBOX_UNAVAILABLE */
export function addLocalUser(api: AccountsApi, name: string, password: string): void {
  const pinned = new Pinned();
  const row = userInfo.write({
    usri1_name: pinned.address(wideText(name)),
    usri1_password: pinned.address(wideText(password)),
    usri1_priv: USER_PRIV_USER,
    usri1_comment: pinned.address(wideText("Runs commands of codex in its sandbox")),
    usri1_flags: UF_SCRIPT | UF_PASSWD_CANT_CHANGE | UF_DONT_EXPIRE_PASSWD,
  });
  const failure = api.NetUserAdd(null, 1, row, new Uint8Array(4));
  pinned.release();
  check(failure, `make the user "${name}" (NetUserAdd)`);
}

/** @throws CodexError SANDBOX_UNAVAILABLE */
export function setLocalPassword(api: AccountsApi, name: string, password: string): void {
  const pinned = new Pinned();
  const row = userPassword.write({ usri1003_password: pinned.address(wideText(password)) });
  const failure = api.NetUserSetInfo(null, wideText(name), SET_PASSWORD, row, new Uint8Array(4));
  pinned.release();
  check(failure, `set the password of "${name}" (NetUserSetInfo)`);
}

/** The profile is there only if the user ever logged on. @throws CodexError SANDBOX_UNAVAILABLE */
export function removeLocalUser(api: AccountsApi, name: string, sid: string): void {
  api.DeleteProfileW?.(wideText(sid), null, null);
  check(api.NetUserDel(null, wideText(name)), `remove the user "${name}" (NetUserDel)`);
}

/** @throws CodexError SANDBOX_UNAVAILABLE */
export function addLocalGroup(api: AccountsApi, name: string): void {
  const pinned = new Pinned();
  const row = localGroupInfo.write({
    lgrpi1_name: pinned.address(wideText(name)),
    lgrpi1_comment: pinned.address(wideText("The users that commands of codex run as")),
  });
  const failure = api.NetLocalGroupAdd(null, 1, row, new Uint8Array(4));
  pinned.release();
  check(failure, `make the group "${name}" (NetLocalGroupAdd)`);
}

/** @throws CodexError SANDBOX_UNAVAILABLE */
export function removeLocalGroup(api: AccountsApi, name: string): void {
  check(api.NetLocalGroupDel(null, wideText(name)), `remove the group "${name}" (NetLocalGroupDel)`);
}

/** One that is in already stays in. @throws CodexError SANDBOX_UNAVAILABLE */
export function addToLocalGroup(api: AccountsApi, group: string, sid: string): void {
  const pinned = new Pinned();
  const row = memberInfo.write({ lgrmi0_sid: pinned.address(encodeSid(sid)) });
  const failure = api.NetLocalGroupAddMembers(null, wideText(group), 0, row, 1);
  pinned.release();
  if (failure !== ERROR_MEMBER_IN_ALIAS) check(failure, `fill the group "${group}" (NetLocalGroupAddMembers)`);
}

/** Their SIDs. @throws CodexError SANDBOX_UNAVAILABLE */
export function readLocalGroup(api: AccountsApi, group: string): readonly string[] {
  const [rows, count] = [new Uint8Array(8), new Uint8Array(4)];
  const failure = api.NetLocalGroupGetMembers(
    null,
    wideText(group),
    0,
    rows,
    MAX_PREFERRED_LENGTH,
    count,
    new Uint8Array(4),
    null,
  );
  check(failure, `read the group "${group}" (NetLocalGroupGetMembers)`);
  const address = firstU64(rows);
  try {
    const bytes = bytesAt(address, firstU32(count) * memberInfo.size);
    return Array.from(
      { length: firstU32(count) },
      (_, index) => sidAt(memberInfo.read(bytes.subarray(index * memberInfo.size), "lgrmi0_sid")),
    );
  } finally {
    api.NetApiBufferFree(pointerAt(address));
  }
}

function check(failure: number, action: string): void {
  if (failure !== 0) throw win32ErrorOf(failure, action, failure === 5 ? { hint: "Run this as administrator" } : {});
}
