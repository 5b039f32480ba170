// Layouts against the offsets that the 64-bit headers of Windows give.
import assert from "node:assert/strict";
import { layoutOf, type StructLayout } from "../../../../src/host/windows/struct_layout.ts";
import {
  jobExtendedLimits,
  localGroupInfo,
  processInformation,
  securityAttributes,
  securityDescriptor,
  sidAndAttributes,
  startupInfo,
  startupInfoEx,
  tokenPrivileges,
  userInfo,
} from "../../../../src/host/windows/structs.ts";

const rows: readonly [string, StructLayout, number, Readonly<Record<string, number>>][] = [
  ["STARTUPINFOW", startupInfo, 104, { lpDesktop: 16, dwFlags: 60, wShowWindow: 64, hStdInput: 80, hStdError: 96 }],
  ["STARTUPINFOEXW", startupInfoEx, 112, { lpAttributeList: 104 }],
  ["PROCESS_INFORMATION", processInformation, 24, { hThread: 8, dwProcessId: 16 }],
  ["SECURITY_ATTRIBUTES", securityAttributes, 24, { lpSecurityDescriptor: 8, bInheritHandle: 16 }],
  ["SECURITY_DESCRIPTOR", securityDescriptor, 40, { Control: 2, Owner: 8, Dacl: 32 }],
  ["SID_AND_ATTRIBUTES", sidAndAttributes, 16, { Attributes: 8 }],
  ["TOKEN_PRIVILEGES of one", tokenPrivileges, 16, { LuidLow: 4, Attributes: 12 }],
  ["JOBOBJECT_EXTENDED_LIMIT_INFORMATION", jobExtendedLimits, 144, {
    LimitFlags: 16,
    Affinity: 48,
    JobMemoryLimit: 120,
  }],
  ["USER_INFO_1", userInfo, 56, { usri1_priv: 20, usri1_comment: 32, usri1_script_path: 48 }],
  ["LOCALGROUP_INFO_1", localGroupInfo, 16, { lgrpi1_comment: 8 }],
];

for (const [name, layout, size, offsets] of rows) {
  Deno.test(`${name} is laid out as in C`, () => {
    assert.equal(layout.size, size);
    for (const [field, offset] of Object.entries(offsets)) assert.equal(layout.offsets[field], offset, field);
  });
}

Deno.test("layoutOf() writes and reads fields, and knows no others", () => {
  const layout = layoutOf([["a", "u8"], ["b", "u16"], ["c", "i32"], ["d", "u64"]]);
  const bytes = layout.write({ a: 255, b: 0xabcd, c: -2, d: 0xffff_ffff_ffff_ffffn });
  assert.deepEqual(["a", "b", "c", "d"].map((name) => layout.read(bytes, name)), [
    255n,
    0xabcdn,
    -2n,
    0xffff_ffff_ffff_ffffn,
  ]);
  assert.throws(() => layout.write({ e: 1 }), TypeError);
});
