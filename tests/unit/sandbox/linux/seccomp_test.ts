// Runs the filter's own instructions on made-up system calls, as the kernel would.
import { equal } from "node:assert/strict";
import profile from "../../../../sandbox_profiles/seccomp_linux.json" with { type: "json" };
import {
  connectListenerFilter,
  type SeccompArchitecture,
  seccompFilter,
  type SeccompFilterName,
} from "../../../../src/sandbox/linux/seccomp.ts";

interface Call {
  readonly arch: number;
  readonly number: number;
  readonly args?: readonly bigint[];
}

function decide(program: Uint8Array<ArrayBuffer>, { arch, number, args = [] }: Call): string {
  const data = new DataView(new ArrayBuffer(64));
  data.setInt32(0, number, true);
  data.setUint32(4, arch, true);
  args.forEach((arg, index) => data.setBigUint64(16 + 8 * index, arg, true));
  const view = new DataView(program.buffer);
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at++) {
    const code = view.getUint16(at * 8, true);
    const [jumpTrue, jumpFalse] = [view.getUint8(at * 8 + 2), view.getUint8(at * 8 + 3)];
    const operand = view.getUint32(at * 8 + 4, true);
    if (code === 0x20) accumulator = data.getUint32(operand, true);
    else if (code === 0x54) accumulator = (accumulator & operand) >>> 0;
    else if (code === 0x15) at += accumulator === operand ? jumpTrue : jumpFalse;
    else if (code === 0x35) at += accumulator >= operand ? jumpTrue : jumpFalse;
    else if (code === 0x06) return RESULTS[operand] ?? String(operand);
    else throw new Error(`unknown instruction ${code}`);
  }
  throw new Error("the program has no end");
}

const RESULTS: Record<number, string> = {
  0x7fff0000: "allow",
  0x50001: "EPERM",
  0x50026: "ENOSYS",
  0x80000000: "kill",
  0x7fc00000: "notify",
};
const AF_UNIX = 1n;
const AF_INET = 2n;
const AF_INET6 = 10n;
const AF_NETLINK = 16n;
const AF_PACKET = 17n;
const AF_VSOCK = 40n;
const CLOEXEC_NONBLOCK = 0o2004000n;

const ROWS: readonly (readonly [SeccompFilterName, string, readonly bigint[], string])[] = [
  ["networkNone", "connect", [], "EPERM"],
  ["networkNone", "bind", [], "EPERM"],
  ["networkNone", "listen", [], "EPERM"],
  ["networkNone", "accept4", [], "EPERM"],
  ["networkNone", "ptrace", [], "EPERM"],
  ["networkNone", "io_uring_setup", [], "EPERM"],
  ["networkNone", "keyctl", [], "EPERM"],
  ["networkNone", "socket", [AF_UNIX, 1n], "allow"],
  ["networkNone", "socket", [AF_UNIX, 1n | CLOEXEC_NONBLOCK], "allow"],
  ["networkNone", "socket", [AF_UNIX, 5n], "allow"],
  ["networkNone", "socket", [AF_UNIX, 2n], "EPERM"],
  ["networkNone", "socket", [AF_UNIX, 3n], "EPERM"],
  ["networkNone", "socket", [AF_UNIX | (1n << 32n), 2n], "EPERM"],
  ["networkNone", "socket", [AF_INET, 1n], "EPERM"],
  ["networkNone", "socket", [AF_INET | (1n << 32n), 1n], "EPERM"],
  ["networkNone", "socketpair", [AF_UNIX, 1n], "allow"],
  ["networkNone", "socketpair", [AF_UNIX, 2n], "EPERM"],
  ["networkNone", "sendto", [3n, 0n, 0n, 0n, 0n], "allow"],
  ["networkNone", "sendto", [3n, 0n, 0n, 0n, 0x7000_0000_0000n], "EPERM"],
  ["networkNone", "sendto", [3n, 0n, 0n, 0n, 0x1000n], "EPERM"],
  ["networkFull", "connect", [], "allow"],
  ["networkFull", "socket", [AF_INET, 1n], "allow"],
  ["networkFull", "socket", [AF_VSOCK, 1n], "EPERM"],
  ["networkFull", "io_uring_enter", [], "EPERM"],
  ["networkFull", "ptrace", [], "EPERM"],
  ["networkProxy", "socket", [AF_INET, 1n, 0n], "allow"],
  ["networkProxy", "socket", [AF_INET6, 1n | CLOEXEC_NONBLOCK, 6n], "allow"],
  ["networkProxy", "socket", [AF_INET, 2n, 17n], "allow"],
  ["networkProxy", "socket", [AF_INET, 1n, 132n], "EPERM"],
  ["networkProxy", "socket", [AF_INET, 3n, 0n], "EPERM"],
  ["networkProxy", "socket", [AF_UNIX, 1n, 0n], "EPERM"],
  ["networkProxy", "socket", [AF_NETLINK, 3n, 0n], "EPERM"],
  ["networkProxy", "socket", [AF_PACKET, 3n, 0n], "EPERM"],
  ["networkProxy", "socket", [AF_VSOCK, 1n, 0n], "EPERM"],
  ["networkProxy", "socketpair", [AF_UNIX, 1n], "allow"],
  ["networkProxy", "socketpair", [AF_UNIX, 2n], "EPERM"],
  ["networkProxy", "connect", [], "allow"],
  ["networkProxy", "listen", [], "allow"],
  ["networkNoneSocketList", "connect", [], "allow"],
  ["networkNoneSocketList", "bind", [], "EPERM"],
  ["networkNoneSocketList", "socket", [AF_UNIX, 5n], "allow"],
  ["networkNoneSocketList", "socket", [AF_UNIX, 2n], "EPERM"],
  ["networkNoneSocketList", "socket", [AF_INET, 1n], "EPERM"],
  ["networkNoneSocketList", "sendto", [3n, 0n, 0n, 0n, 0x1000n], "EPERM"],
  ["networkNoneAllSockets", "connect", [], "allow"],
  ["networkNoneAllSockets", "socket", [AF_UNIX, 2n], "allow"],
  ["networkNoneAllSockets", "socketpair", [AF_UNIX, 2n], "allow"],
  ["networkNoneAllSockets", "socket", [AF_INET, 1n], "EPERM"],
  ["networkNoneAllSockets", "socket", [AF_NETLINK, 3n], "EPERM"],
  ["networkProxySocketList", "socket", [AF_UNIX, 1n, 0n], "allow"],
  ["networkProxySocketList", "socket", [AF_UNIX, 2n, 0n], "EPERM"],
  ["networkProxySocketList", "socket", [AF_INET, 1n, 6n], "allow"],
  ["networkProxySocketList", "socket", [AF_INET, 3n, 0n], "EPERM"],
  ["networkProxyAllSockets", "socket", [AF_UNIX, 2n, 0n], "allow"],
  ["networkProxyAllSockets", "socket", [AF_INET6, 2n, 17n], "allow"],
  ["networkProxyAllSockets", "socket", [AF_PACKET, 3n, 0n], "EPERM"],
  ["landlockNone", "connect", [], "EPERM"],
  ["landlockNone", "socket", [AF_INET, 1n], "EPERM"],
  ["landlockNone", "shmget", [], "EPERM"],
  ["landlockNone", "mq_open", [], "EPERM"],
  ["landlockNone", "fsetxattr", [], "ENOSYS"],
  ["landlockNone", "prlimit64", [0n, 7n], "allow"],
  ["landlockNone", "prlimit64", [77n, 7n], "EPERM"],
  ["landlockNone", "setpriority", [0n, 0n, 5n], "allow"],
  ["landlockNone", "setpriority", [0n, 77n, 5n], "EPERM"],
  ["landlockNone", "fchmod", [3n, 0o755n], "allow"],
  ["landlockNone", "fchmod", [3n, 0o4755n], "EPERM"],
  ["landlockNone", "fchmodat", [-100n & 0xffff_ffffn, 0n, 0o2755n], "EPERM"],
  ["landlockNone", "utimensat", [], "allow"],
  // A rule of an earlier group that does not hold leaves the call to later ones.
  ["landlockNone", "ioctl", [3n, 0x4008_6602n], "EPERM"],
  ["landlockFull", "connect", [], "allow"],
  ["landlockFull", "socket", [AF_VSOCK, 1n], "EPERM"],
  ["landlockReadNone", "fchmod", [3n, 0o755n], "EPERM"],
  ["landlockReadNone", "utimensat", [], "EPERM"],
  ["landlockReadFull", "fchownat", [], "EPERM"],
  ["landlockReadFull", "connect", [], "allow"],
];

const CLONE_NEWUSER = 0x1000_0000n;
const CLONE_NEWTIME = 0x80n;
/** What every filter does, whatever the network. */
const EVERYWHERE: readonly (readonly [string, readonly bigint[], string])[] = [
  ["process_vm_readv", [], "EPERM"],
  ["process_vm_writev", [], "EPERM"],
  ["pidfd_getfd", [], "EPERM"],
  ["add_key", [], "EPERM"],
  ["bpf", [], "EPERM"],
  ["perf_event_open", [], "EPERM"],
  ["userfaultfd", [], "EPERM"],
  ["mount", [], "EPERM"],
  ["umount2", [], "EPERM"],
  ["pivot_root", [], "EPERM"],
  ["move_mount", [], "EPERM"],
  ["open_tree", [], "EPERM"],
  ["fsopen", [], "EPERM"],
  ["fsconfig", [], "EPERM"],
  ["fsmount", [], "EPERM"],
  ["fspick", [], "EPERM"],
  ["mount_setattr", [], "EPERM"],
  ["setns", [], "EPERM"],
  ["kexec_load", [], "EPERM"],
  ["finit_module", [], "EPERM"],
  ["swapon", [], "EPERM"],
  ["clone3", [], "ENOSYS"],
  // As pthread_create and fork call it.
  ["clone", [0x3d_0f00n], "allow"],
  ["clone", [0x120_0011n], "allow"],
  ["clone", [CLONE_NEWUSER | 17n], "EPERM"],
  ["clone", [0x2_0000n], "EPERM"],
  ["clone", [0x4000_0000n], "EPERM"],
  ["unshare", [0x200n], "allow"],
  ["unshare", [CLONE_NEWUSER], "EPERM"],
  ["unshare", [CLONE_NEWTIME], "EPERM"],
  ["ioctl", [0n, 0x5412n], "EPERM"],
  ["ioctl", [0n, 0x541cn], "EPERM"],
  // The kernel drops the high half of a request.
  ["ioctl", [0n, 0x1_0000_5412n], "EPERM"],
  ["ioctl", [0n, 0x5413n], "allow"],
];

// The keys of the table are the names.
const FILTERS = Object.keys(profile.filters) as SeccompFilterName[];
const rows = [...ROWS, ...FILTERS.flatMap((filter) => EVERYWHERE.map((row) => [filter, ...row] as const))];
const numbers: Record<string, Record<SeccompArchitecture, number | null>> = profile.numbers;

for (const architecture of ["x86_64", "aarch64"] as const) {
  const arch = profile.architectures[architecture].auditArch;
  for (const [filter, call, args, expected] of rows) {
    Deno.test(`seccompFilter() ${filter} on ${architecture}: ${call}(${args.join(", ")}) is ${expected}`, () => {
      const number = numbers[call]?.[architecture] ?? -1;
      equal(decide(seccompFilter(filter, architecture), { arch, number, args }), expected);
    });
  }

  Deno.test(`connectListenerFilter() asks about connect alone on ${architecture}`, () => {
    const program = connectListenerFilter(architecture);
    const connect = numbers["connect"]?.[architecture] ?? -1;
    for (let number = 0; number < 470; number++) {
      equal(decide(program, { arch, number }), number === connect ? "notify" : "allow");
    }
    equal(decide(program, { arch: 0x4000_0003, number: connect }), "allow");
  });

  Deno.test(`seccompFilter() kills the other architecture on ${architecture}`, () => {
    const other = architecture === "x86_64" ? "aarch64" : "x86_64";
    const program = seccompFilter("networkNone", architecture);
    equal(decide(program, { arch: profile.architectures[other].auditArch, number: 0 }), "kill");
    equal(decide(program, { arch: 0x4000_0003, number: 20 }), "kill");
  });

  Deno.test(`seccompFilter() allows what the profile does not name on ${architecture}`, () => {
    const named = new Set(Object.values(numbers).map((number) => number[architecture]));
    for (const filter of FILTERS) {
      const program = seccompFilter(filter, architecture);
      for (let number = 0; number < 470; number++) {
        if (!named.has(number)) equal(decide(program, { arch, number }), "allow");
      }
    }
  });
}

Deno.test("seccompFilter() kills x32 calls on x86_64", () => {
  const arch = profile.architectures.x86_64.auditArch;
  equal(decide(seccompFilter("networkNone", "x86_64"), { arch, number: 0x4000_0000 + 42 }), "kill");
});
