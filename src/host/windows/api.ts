// The table of Win32 functions that we call, through FFI. Handles are numbers ("usize"), memory is buffers. Opened by
// whoever runs on Windows and passed on; nothing is loaded at import. `nonblocking` ones wait on another thread.
import { CodexError, type CodexErrorCode, messageOf } from "../../base/errors.ts";

/** How each call that starts a program ends: flags, environment, folder, start-up, and what it made. */
const START_PARAMETERS = ["u32", "buffer", "buffer", "buffer", "buffer"] as const;

const KERNEL32 = {
  GetLastError: { parameters: [], result: "u32" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
  LocalFree: { parameters: ["pointer"], result: "pointer" },
  GetCurrentProcess: { parameters: [], result: "usize" },
  GetStdHandle: { parameters: ["u32"], result: "usize" },
  DuplicateHandle: { parameters: ["usize", "usize", "usize", "buffer", "u32", "i32", "u32"], result: "i32" },
  CreateJobObjectW: { parameters: ["buffer", "buffer"], result: "usize" },
  SetInformationJobObject: { parameters: ["usize", "i32", "buffer", "u32"], result: "i32" },
  AssignProcessToJobObject: { parameters: ["usize", "usize"], result: "i32" },
  TerminateJobObject: { parameters: ["usize", "u32"], result: "i32" },
  ResumeThread: { parameters: ["usize"], result: "u32" },
  TerminateProcess: { parameters: ["usize", "u32"], result: "i32" },
  WaitForSingleObject: { parameters: ["usize", "u32"], result: "u32", nonblocking: true },
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "usize" },
  GetExitCodeProcess: { parameters: ["usize", "buffer"], result: "i32" },
  InitializeProcThreadAttributeList: { parameters: ["buffer", "u32", "u32", "buffer"], result: "i32" },
  UpdateProcThreadAttribute: {
    parameters: ["buffer", "u32", "usize", "pointer", "usize", "pointer", "pointer"],
    result: "i32",
  },
  DeleteProcThreadAttributeList: { parameters: ["buffer"], result: "void" },
  CreateDirectoryW: { parameters: ["buffer", "buffer"], result: "i32" },
  CreateFileW: { parameters: ["buffer", "u32", "u32", "buffer", "u32", "u32", "usize"], result: "usize" },
  CreatePipe: { parameters: ["buffer", "buffer", "buffer", "u32"], result: "i32" },
  ReadFile: { parameters: ["usize", "buffer", "u32", "buffer", "pointer"], result: "i32", nonblocking: true },
  WriteFile: { parameters: ["usize", "buffer", "u32", "buffer", "pointer"], result: "i32", nonblocking: true },
  CreateNamedPipeW: {
    parameters: ["buffer", "u32", "u32", "u32", "u32", "u32", "u32", "buffer"],
    result: "usize",
  },
  ConnectNamedPipe: { parameters: ["usize", "pointer"], result: "i32", nonblocking: true },
  CreatePseudoConsole: { parameters: ["u32", "usize", "usize", "u32", "buffer"], result: "i32" },
  ClosePseudoConsole: { parameters: ["usize"], result: "void", nonblocking: true },
} as const;

const ADVAPI32 = {
  OpenProcessToken: { parameters: ["usize", "u32", "buffer"], result: "i32" },
  GetTokenInformation: { parameters: ["usize", "i32", "buffer", "u32", "buffer"], result: "i32" },
  SetTokenInformation: { parameters: ["usize", "i32", "buffer", "u32"], result: "i32" },
  CreateRestrictedToken: {
    parameters: ["usize", "u32", "u32", "pointer", "u32", "pointer", "u32", "buffer", "buffer"],
    result: "i32",
  },
  IsTokenRestricted: { parameters: ["usize"], result: "i32" },
  LookupPrivilegeValueW: { parameters: ["pointer", "buffer", "buffer"], result: "i32" },
  AdjustTokenPrivileges: { parameters: ["usize", "i32", "buffer", "u32", "pointer", "pointer"], result: "i32" },
  CreateProcessAsUserW: {
    parameters: ["usize", "pointer", "buffer", "pointer", "pointer", "i32", ...START_PARAMETERS],
    result: "i32",
  },
  CreateProcessWithLogonW: {
    parameters: ["buffer", "buffer", "buffer", "u32", "pointer", "buffer", ...START_PARAMETERS],
    result: "i32",
  },
  GetNamedSecurityInfoW: {
    parameters: ["buffer", "i32", "u32", "buffer", "buffer", "buffer", "buffer", "buffer"],
    result: "u32",
  },
  SetNamedSecurityInfoW: {
    parameters: ["buffer", "i32", "u32", "pointer", "pointer", "buffer", "pointer"],
    result: "u32",
  },
  LookupAccountNameW: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
  },
} as const;

const USER32 = {
  CreateDesktopW: { parameters: ["buffer", "pointer", "pointer", "u32", "u32", "buffer"], result: "usize" },
  CloseDesktop: { parameters: ["usize"], result: "i32" },
} as const;

const NETAPI32 = {
  NetUserAdd: { parameters: ["pointer", "u32", "buffer", "buffer"], result: "u32" },
  NetUserSetInfo: { parameters: ["pointer", "buffer", "u32", "buffer", "buffer"], result: "u32" },
  NetUserDel: { parameters: ["pointer", "buffer"], result: "u32" },
  NetLocalGroupAdd: { parameters: ["pointer", "u32", "buffer", "buffer"], result: "u32" },
  NetLocalGroupDel: { parameters: ["pointer", "buffer"], result: "u32" },
  NetLocalGroupAddMembers: { parameters: ["pointer", "buffer", "u32", "buffer", "u32"], result: "u32" },
  NetLocalGroupGetMembers: {
    parameters: ["pointer", "buffer", "u32", "buffer", "u32", "buffer", "buffer", "pointer"],
    result: "u32",
  },
  NetApiBufferFree: { parameters: ["pointer"], result: "u32" },
} as const;

const USERENV = {
  // Wine has none, and makes no profiles.
  DeleteProfileW: { parameters: ["buffer", "pointer", "pointer"], result: "i32", optional: true },
} as const;

/** Of the registry: the calls that take a key and a value by name, and leave nothing open. */
const REGISTRY = {
  RegGetValueW: {
    parameters: ["usize", "buffer", "buffer", "u32", "pointer", "buffer", "buffer"],
    result: "u32",
  },
  RegSetKeyValueW: { parameters: ["usize", "buffer", "buffer", "u32", "buffer", "u32"], result: "u32" },
  RegDeleteKeyValueW: { parameters: ["usize", "buffer", "buffer"], result: "u32" },
} as const;

const CRYPT32 = {
  CryptProtectData: {
    parameters: ["buffer", "pointer", "pointer", "pointer", "pointer", "u32", "buffer"],
    result: "i32",
  },
  CryptUnprotectData: {
    parameters: ["buffer", "pointer", "pointer", "pointer", "pointer", "u32", "buffer"],
    result: "i32",
  },
} as const;

type Symbols<T extends Deno.ForeignLibraryInterface> = Deno.DynamicLibrary<T>["symbols"];
export type WindowsApi = Symbols<typeof KERNEL32> & Symbols<typeof ADVAPI32> & Symbols<typeof USER32>;
export type ProtectionApi = Symbols<typeof CRYPT32>;
export type AccountsApi = ProtectionApi & Symbols<typeof NETAPI32> & Symbols<typeof USERENV> & Symbols<typeof REGISTRY>;

export const INVALID_HANDLE = 0xffff_ffff_ffff_ffffn;

/** Reads the first eight bytes that a function wrote: a handle or an address. */
export function firstU64(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}

export function firstU32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

/** @throws CodexError SANDBOX_UNSUPPORTED anywhere but on Windows. */
export function openWindowsApi(): WindowsApi {
  return {
    ...openLibrary("kernel32.dll", KERNEL32),
    ...openLibrary("advapi32.dll", ADVAPI32),
    ...openLibrary("user32.dll", USER32),
  };
}

/** Passwords kept for this user. @throws CodexError SANDBOX_UNSUPPORTED anywhere but on Windows. */
export function openProtectionApi(): ProtectionApi {
  return openLibrary("crypt32.dll", CRYPT32);
}

/** What only setup needs. @throws CodexError SANDBOX_UNSUPPORTED anywhere but on Windows. */
export function openAccountsApi(): AccountsApi {
  return {
    ...openProtectionApi(),
    ...openLibrary("netapi32.dll", NETAPI32),
    ...openLibrary("userenv.dll", USERENV),
    ...openLibrary("advapi32.dll", REGISTRY),
  };
}

function openLibrary<T extends Deno.ForeignLibraryInterface>(name: string, symbols: T): Symbols<T> {
  if (Deno.build.os !== "windows") {
    throw new CodexError("SANDBOX_UNSUPPORTED", "Cannot use the sandbox of Windows: this is another system");
  }
  try {
    return Deno.dlopen(name, symbols).symbols;
  } catch (cause) {
    throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot load ${name}: ${messageOf(cause)}`, { cause });
  }
}

/** The error of a call that just failed; ask before anything else is called. */
export function win32Error(
  api: WindowsApi,
  action: string,
  options: { readonly code?: CodexErrorCode; readonly hint?: string } = {},
): CodexError {
  return win32ErrorOf(api.GetLastError(), action, options);
}

export function win32ErrorOf(
  number: number,
  action: string,
  { code = "SANDBOX_UNAVAILABLE", hint }: { readonly code?: CodexErrorCode; readonly hint?: string } = {},
): CodexError {
  const said = hint ?? HINTS[number];
  return new CodexError(code, `Cannot ${action}: Windows error ${number}${nameOf(number)}`, {
    ...(said === undefined ? {} : { hint: said }),
  });
}

/** Those that people meet. Source: winerror.h. */
const NAMES: Readonly<Record<number, string>> = {
  2: "file not found",
  3: "path not found",
  5: "access denied",
  8: "out of memory",
  32: "in use by another process",
  87: "invalid parameter",
  120: "not implemented",
  193: "not a program for this system",
  206: "name too long",
  1223: "cancelled by the user",
  1314: "a privilege is missing",
  1326: "wrong user name or password",
  1332: "no such account",
  2221: "no such user",
  2223: "the group is there already",
  2224: "the user is there already",
  2245: "the password is not what the rules of this machine want",
};
const HINTS: Readonly<Record<number, string>> = {
  5: "Own the folder, or let its owner run this",
  1326: "Run `codex sandbox windows setup` as administrator again: it renews the passwords",
};

function nameOf(number: number): string {
  const name = NAMES[number];
  return name === undefined ? "" : ` (${name})`;
}
