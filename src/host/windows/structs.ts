// The table of Win32 structs that we pass (64-bit). Sources: processthreadsapi.h, winnt.h, lmaccess.h, dpapi.h.
import { layoutOf } from "./struct_layout.ts";

const STARTUPINFOW = [
  ["cb", "u32"],
  ["lpReserved", "u64"],
  ["lpDesktop", "u64"],
  ["lpTitle", "u64"],
  ["dwX", "u32"],
  ["dwY", "u32"],
  ["dwXSize", "u32"],
  ["dwYSize", "u32"],
  ["dwXCountChars", "u32"],
  ["dwYCountChars", "u32"],
  ["dwFillAttribute", "u32"],
  ["dwFlags", "u32"],
  ["wShowWindow", "u16"],
  ["cbReserved2", "u16"],
  ["lpReserved2", "u64"],
  ["hStdInput", "u64"],
  ["hStdOutput", "u64"],
  ["hStdError", "u64"],
] as const;

export const startupInfo = layoutOf(STARTUPINFOW);
export const startupInfoEx = layoutOf([...STARTUPINFOW, ["lpAttributeList", "u64"]]);
export const processInformation = layoutOf([
  ["hProcess", "u64"],
  ["hThread", "u64"],
  ["dwProcessId", "u32"],
  ["dwThreadId", "u32"],
]);
export const securityAttributes = layoutOf([
  ["nLength", "u32"],
  ["lpSecurityDescriptor", "u64"],
  ["bInheritHandle", "i32"],
]);
/** An absolute SECURITY_DESCRIPTOR. */
export const securityDescriptor = layoutOf([
  ["Revision", "u8"],
  ["Sbz1", "u8"],
  ["Control", "u16"],
  ["Owner", "u64"],
  ["Group", "u64"],
  ["Sacl", "u64"],
  ["Dacl", "u64"],
]);
export const sidAndAttributes = layoutOf([["Sid", "u64"], ["Attributes", "u32"]]);
export const tokenDefaultDacl = layoutOf([["DefaultDacl", "u64"]]);
/** TOKEN_PRIVILEGES with one privilege. */
export const tokenPrivileges = layoutOf([
  ["PrivilegeCount", "u32"],
  ["LuidLow", "u32"],
  ["LuidHigh", "i32"],
  ["Attributes", "u32"],
]);
export const jobExtendedLimits = layoutOf([
  ["PerProcessUserTimeLimit", "u64"],
  ["PerJobUserTimeLimit", "u64"],
  ["LimitFlags", "u32"],
  ["MinimumWorkingSetSize", "u64"],
  ["MaximumWorkingSetSize", "u64"],
  ["ActiveProcessLimit", "u32"],
  ["Affinity", "u64"],
  ["PriorityClass", "u32"],
  ["SchedulingClass", "u32"],
  ["ReadOperationCount", "u64"],
  ["WriteOperationCount", "u64"],
  ["OtherOperationCount", "u64"],
  ["ReadTransferCount", "u64"],
  ["WriteTransferCount", "u64"],
  ["OtherTransferCount", "u64"],
  ["ProcessMemoryLimit", "u64"],
  ["JobMemoryLimit", "u64"],
  ["PeakProcessMemoryUsed", "u64"],
  ["PeakJobMemoryUsed", "u64"],
]);
/** USER_INFO_1 */
export const userInfo = layoutOf([
  ["usri1_name", "u64"],
  ["usri1_password", "u64"],
  ["usri1_password_age", "u32"],
  ["usri1_priv", "u32"],
  ["usri1_home_dir", "u64"],
  ["usri1_comment", "u64"],
  ["usri1_flags", "u32"],
  ["usri1_script_path", "u64"],
]);
export const localGroupInfo = layoutOf([["lgrpi1_name", "u64"], ["lgrpi1_comment", "u64"]]);
export const dataBlob = layoutOf([["cbData", "u32"], ["pbData", "u64"]]);
/** LOCALGROUP_MEMBERS_INFO_0 */
export const memberInfo = layoutOf([["lgrmi0_sid", "u64"]]);
/** USER_INFO_1003 */
export const userPassword = layoutOf([["usri1003_password", "u64"]]);
