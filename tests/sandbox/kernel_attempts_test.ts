// System calls that reach out of the sandbox, one attempt a call: sockets, other processes, mounts, namespaces, keys,
// terminals. The programs are tests/sandbox/attempts/*.c.
import { Attempts } from "./attempts.ts";
import { whyNoSandbox } from "./house.ts";

const skipReason = await whyNoSandbox();
const ignore = skipReason !== null;
if (ignore) Deno.test.ignore(`sandbox tests are skipped: ${skipReason}`, () => {});

const SOCKETS = [
  ...["tcp", "tcp-fast-open", "udp", "ipv6", "serve-tcp", "netlink", "vsock", "stream", "seqpacket"],
  ...["abstract-stream", "dgram-connect", "dgram-sendmsg", "raw-sendmsg", "abstract-sendmsg", "dgram-sendto"],
  ...["dgram-sendmmsg", "pair-sendmsg", "upper-bits"],
];
const PROCESSES = [
  ...["read-memory", "write-memory", "memory-file", "trace", "trace-child", "signal", "signal-group", "handle"],
  ...["descriptor-of", "root-folder", "current-folder", "descriptors", "environment", "limits", "priority"],
  ...["find-by-name", "queue", "shared-memory", "posix-queue", "posix-memory"],
];
const KERNEL = ["keyring", "add-key", "request-key", "io-uring"];
/** Nobody but root gets these anywhere. */
const OF_ROOT = [
  ...["raw", "packet", "enter-namespace", "kernel-log", "host-name", "watch-all-files", "by-handle", "device"],
  ...["mount-folder", "mount-bind", "unmount", "new-mount", "copy-tree", "mount-attributes", "change-root"],
  ...["unshare-mounts", "bpf"],
];
const LATER = ["perf", "userfault", "unshare-user", "clone-user", "clone3-user", "remount-in-user-namespace"];
const TERMINAL = ["type-into-terminal", "type-with-upper-bits", "console-selection"];

if (!ignore) {
  const attempts = await Attempts.open();
  Deno.test.afterAll(() => attempts.close());
  const rows = (names: readonly string[], more: { onlyRoot?: boolean; tty?: boolean } = {}) =>
    names.map((name) => ({ name, script: `"$ATTEMPT" ${name}`, ...more }));
  attempts.register("socket", rows(SOCKETS), ignore);
  attempts.register("process", rows(PROCESSES), ignore);
  attempts.register("kernel", [...rows(KERNEL), ...rows(OF_ROOT, { onlyRoot: true }), ...rows(LATER)], ignore);
  attempts.register("terminal", rows(TERMINAL, { tty: true }), ignore);
}
