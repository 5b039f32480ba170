// What the profiles mean: attempts in each mode, decided by an evaluator of the rules, under both readings of their order
// and with and without the operations that only some releases know. Rows: operation, subject, allowed or not.
import { deepEqual, doesNotMatch, equal } from "node:assert/strict";
import { type Attempt, decide, type Order, ORDERS } from "../../../support/seatbelt/evaluate.ts";
import type { ParsedFilter, ParsedRule } from "../../../support/seatbelt/parse.ts";
import { isInside } from "../../../../src/base/absolute_path.ts";
import { kernelSpelling } from "../../../../src/sandbox/macos/mac_paths.ts";
import { planSandbox, type SandboxPlan } from "../../../../src/sandbox/plan.ts";
import { PLAN_NAMES, type PlanName, PLANS, profileOf, rulesOf } from "./plans.ts";

type Row = readonly [operation: string, subject: string | Omit<Attempt, "operation">, allowed: boolean];

const WS = "/Users/ann/ws";
const READ = "file-read-data";
const STAT = "file-read-metadata";
const CREATE = "file-write-create";
const WRITE = "file-write-data";
const REMOVE = "file-write-unlink";

const DEVICES: readonly Row[] = [
  [WRITE, { path: "/dev/null", vnode: "CHARACTER-DEVICE" }, true],
  [WRITE, { path: "/dev/null", vnode: "REGULAR-FILE" }, false],
  [WRITE, "/dev/tty", true],
  [WRITE, "/dev/fd/1", true],
  [WRITE, "/dev/ttys003", false],
  [WRITE, { path: "/dev/ttys003", extensions: ["com.apple.sandbox.pty"] }, true],
  [WRITE, "/dev/rdisk0", false],
  [CREATE, "/dev/x", false],
  [WRITE, "/dev/dtracehelper", true],
  [WRITE, "/dev/ptmx", true],
  ["file-ioctl", { path: "/dev/ptmx", ioctl: 0x20007454 }, true],
  ["file-ioctl", { path: "/dev/ttys003", ioctl: 0x40087468 }, true],
  ["file-ioctl", { path: "/dev/ttys003", ioctl: 0x80017472 }, false],
  ["file-ioctl", { path: "/dev/tty", ioctl: 0x80017472 }, false],
  ["file-ioctl", { path: "/dev/rdisk0", ioctl: 0x20006415 }, false],
];

const PROCESSES: readonly Row[] = [
  ["process-fork", {}, true],
  ["process-exec", "/bin/sh", true],
  ["process-info-pidinfo", { target: "same-sandbox" }, true],
  ["process-info-pidinfo", { target: "others" }, false],
  ["process-info-listpids", { target: "others" }, false],
  ["signal", { target: "same-sandbox" }, true],
  ["signal", { target: "others" }, false],
  ["mach-host*", {}, true],
  ["mach-lookup", { name: "com.apple.cfprefsd.agent" }, true],
  ["mach-lookup", { name: "com.apple.securityd.xpc" }, false],
  ["mach-register", { name: "org.example" }, false],
  ["sysctl-read", { name: "hw.ncpu" }, true],
  ["sysctl-read", { name: "kern.proc.pid.77" }, true],
  ["sysctl-read", { name: "kern.procargs2" }, false],
  ["sysctl-read", { name: "kern.proc.all" }, false],
  ["sysctl-write", { name: "kern.hostname" }, false],
  ["ipc-posix-sem", { name: "/mp-1" }, true],
  ["ipc-posix-shm-write-create", { name: "/__KMP_REGISTERED_LIB_17" }, true],
  ["ipc-posix-shm-write-create", { name: "/other" }, false],
  ["nvram*", {}, false],
  ["sysctl-write", { name: "kern.grade_cputype" }, true],
  ["sysctl-read", { name: "kern.osrelease" }, true],
  ["mach-lookup", { name: "com.apple.system.opendirectoryd.libinfo" }, true],
  ["iokit-open", { name: "RootDomainUserClient" }, true],
  ["user-preference-read", {}, true],
  ["ipc-posix-shm-read-data", { name: "apple.cfprefs.501v1" }, true],
  ["pseudo-tty", {}, true],
  ["iokit-open", { name: "IOUSBDeviceUserClientV2" }, false],
];

const NO_NETWORK: readonly Row[] = [
  ["network-outbound", { address: "*:443" }, false],
  ["network-outbound", { address: "192.0.2.1:443" }, false],
  ["network-outbound", { address: "localhost:80" }, false],
  ["network-outbound", { unixSocket: "/private/var/run/docker.sock" }, false],
  ["network-outbound", { unixSocket: "/private/var/run/mDNSResponder" }, false],
  ["network-bind", { address: "localhost:8080" }, false],
  ["network-inbound", { address: "localhost:8080" }, false],
  ["mach-lookup", { name: "com.apple.trustd.agent" }, false],
  ["system-socket", { socketDomain: "AF_UNIX" }, false],
];

const WORKSPACE_FILES: readonly Row[] = [
  [READ, "/etc/passwd", true],
  [CREATE, `${WS}/a`, true],
  [CREATE, "/private/tmp/a", true],
  [CREATE, "/private/var/folders/zz/abc/T/a", true],
  [CREATE, "/private/var/folders/zz/abc/C/a", false],
  [CREATE, "/Users/ann/a", false],
  [CREATE, "/Users/ann/wsx", false],
  [CREATE, "/private/etc/a", false],
  [CREATE, "/Users/ann/.codex/memories/a", true],
  [CREATE, "/Users/ann/.codex/config.toml", false],
  [REMOVE, `${WS}/a`, true],
  ["file-link", `${WS}/a`, true],
  ["file-link", "/Users/ann/.zshrc", false],
  // Protected, whether it exists or not, and however it is spelt.
  [READ, `${WS}/.git/config`, true],
  [CREATE, `${WS}/.git`, false],
  [CREATE, `${WS}/.git/hooks/x`, false],
  [WRITE, `${WS}/.git/config`, false],
  [REMOVE, `${WS}/.git`, false],
  ["file-link", `${WS}/.git/config`, false],
  ["file-write-mode", `${WS}/.codex`, false],
  [CREATE, `${WS}/.agents/skills/x`, false],
  [CREATE, `${WS}/.GIT`, false],
  [CREATE, `${WS}/.Git/hooks/x`, false],
  [CREATE, `${WS}/.cOdEx/config.toml`, false],
  [CREATE, `${WS}/.agent\u017f`, false],
  [CREATE, `${WS}/.g\u200cit`, false],
  [CREATE, `${WS}/\u200d.git`, false],
  [CREATE, `${WS}/.git\ufeff/hooks`, false],
  [CREATE, "/private/tmp/.git", false],
  [CREATE, "/private/tmp/.CODEX/x", false],
  [CREATE, `${WS}/.gitignore`, true],
  [CREATE, `${WS}/.github/x`, true],
  [CREATE, `${WS}/sub/.git`, true],
  [CREATE, `${WS}/xgit`, true],
  [CREATE, `/System/Volumes/Data${WS}/.git`, false],
];

/** What holds for each root, each protected and each hidden path of a plan. */
function pathRows({ writable, protected: protectedPaths, hidden }: SandboxPlan): readonly Row[] {
  return [
    ...writable.map(kernelSpelling).filter((root) => root !== "/").flatMap((root): Row[] => [
      [CREATE, `${root}/made`, true],
      ["file-link", `${root}/made`, true],
      [REMOVE, `${root}/made`, true],
      ...(protectedPaths.some((path) => isInside(kernelSpelling(path), root)) ? [[REMOVE, root, false] as const] : []),
    ]),
    ...protectedPaths.map(kernelSpelling).flatMap((path): Row[] => [
      [CREATE, path, false],
      [WRITE, `${path}/x`, false],
      ["file-link", `${path}/x`, false],
      [REMOVE, path.toUpperCase(), false],
    ]),
    ...hidden.map(kernelSpelling).flatMap((path): Row[] => [
      [READ, `${path}/x`, false],
      [CREATE, `${path}/x`, false],
      ["file-link", `${path}/x`, false],
      ["file-clone", `${path}/x`, false],
      ["process-exec", `${path}/x`, false],
    ]),
  ];
}

/** Names that globs hide, where they are and where they could be moved to, in both spellings. */
const MATCHES = [
  `${WS}/a/x.env`,
  `/System/Volumes/Data${WS}/a/x.env`,
  "/private/tmp/a/x.env",
  "/private/var/folders/zz/abc/T/x.env",
  "/Users/ann/.codex/memories/x.env",
  `${WS}/secret/out/x.env`,
  `${WS}/keys/a.pem`,
  `/System/Volumes/Data${WS}/keys/a.pem`,
  "/private/tmp/k1x/a",
  "/tmp/k1x/a",
  "/System/Volumes/Data/private/tmp/k1x/a",
];

const TABLES: Readonly<Record<PlanName, readonly Row[]>> = {
  read_only: [
    ...DEVICES,
    ...PROCESSES,
    ...NO_NETWORK,
    [READ, "/Users/ann/.ssh/id", true],
    [READ, "/System/Library/x", true],
    [CREATE, `${WS}/a`, false],
    [CREATE, "/private/tmp/a", false],
    [REMOVE, `${WS}/a`, false],
    ["file-write-xattr", `${WS}/a`, false],
    ["file-link", `${WS}/a`, false],
  ],
  workspace_write: [...DEVICES, ...PROCESSES, ...NO_NETWORK, ...WORKSPACE_FILES],
  workspace_write_network: [
    ...DEVICES,
    ...WORKSPACE_FILES,
    ["network-outbound", { address: "192.0.2.1:443" }, true],
    ["network-outbound", { unixSocket: "/private/var/run/mDNSResponder" }, true],
    ["network-bind", { address: "*:8080" }, true],
    ["network-inbound", { address: "*:8080" }, true],
    ["mach-lookup", { name: "com.apple.trustd.agent" }, true],
    ["mach-lookup", { name: "com.apple.securityd.xpc" }, false],
    ["sysctl-read", { name: "net.routetable.0" }, true],
    ["system-socket", { socketDomain: "AF_SYSTEM", socketProtocol: 2 }, true],
    ["system-socket", { socketDomain: "AF_SYSTEM", socketProtocol: 1 }, false],
    ["system-socket", { socketDomain: "AF_UNIX" }, true],
  ],
  git_writes: [
    ...NO_NETWORK,
    [CREATE, `${WS}/a`, true],
    // What a commit writes.
    [CREATE, `${WS}/.git/index.lock`, true],
    [REMOVE, `${WS}/.git/index.lock`, true],
    [CREATE, `${WS}/.git/objects/ab/cdef`, true],
    ["file-link", `${WS}/.git/objects/ab/cdef`, true],
    [WRITE, `${WS}/.git/refs/heads/main`, true],
    [WRITE, `${WS}/.git/HEAD`, true],
    // What git runs or is steered by, whether it exists or not.
    ...["hooks", "config", "config.worktree", "commondir", "modules", "worktrees"].flatMap((name): Row[] => [
      [CREATE, `${WS}/.git/${name}`, false],
      [WRITE, `${WS}/.git/${name}`, false],
      [REMOVE, `${WS}/.git/${name}`, false],
      [CREATE, `${WS}/.git/${name}/x`, false],
      [CREATE, `${WS}/.git/${name.toUpperCase()}`, false],
      ["file-link", `${WS}/.git/${name}`, false],
    ]),
    [CREATE, `${WS}/.git/configuration`, true],
    // Moved away, it would be a folder that no rule knows.
    [REMOVE, `${WS}/.git`, false],
    [REMOVE, WS, false],
    [CREATE, `${WS}/.codex/x`, false],
    [CREATE, `${WS}/.agents/x`, false],
    [CREATE, "/private/tmp/.git/hooks/x", false],
    [CREATE, "/Users/ann/other/.git/index.lock", false],
  ],
  restricted_reads: [
    ...DEVICES,
    ...NO_NETWORK,
    [READ, "/usr/lib/libSystem.B.dylib", true],
    [READ, "/bin/sh", true],
    [READ, "/System/Library/Frameworks/CoreFoundation.framework/x", true],
    [READ, "/System/Library/CoreServices/SystemVersion.plist", true],
    [READ, "/System/Library/CoreServices/Finder.app/x", false],
    [READ, "/System/Volumes/Data/Users/ann/.ssh/id", false],
    [READ, "/System", false],
    [READ, "/Users/ann/.ssh/id", false],
    [READ, "/Users/ann", false],
    [STAT, "/Users/ann", true],
    [STAT, "/Users/ann/.ssh", false],
    [STAT, "/tmp", true],
    [STAT, "/System/Volumes", true],
    [READ, "/opt/data/x", true],
    [READ, `${WS}/a`, true],
    [READ, "/private/tmp/a", true],
    [CREATE, `${WS}/a`, true],
    [CREATE, `${WS}/docs/a`, false],
    [CREATE, `${WS}/.git/a`, false],
    [READ, `${WS}/.git/a`, true],
    [CREATE, "/opt/data/x", false],
    [READ, "/private/var/db/dslocal/nodes", false],
    [READ, "/", true],
    [READ, "/dev/urandom", true],
    [STAT, "/dev/stdin", true],
  ],
  few_reads: [
    [READ, "/opt/data/x", true],
    [READ, "/bin/sh", false],
    [READ, "/private/tmp/a", false],
    [CREATE, "/private/tmp/a", false],
    [STAT, "/opt", true],
    [READ, "/", false],
  ],
  hidden: [
    [READ, `${WS}/a`, true],
    [READ, `${WS}/secret`, false],
    [READ, `${WS}/secret/a`, false],
    [STAT, `${WS}/secret/a`, false],
    [STAT, `${WS}/secret`, true],
    [READ, `${WS}/SECRET/a`, false],
    [READ, `/users/ANN/WS/secret/a`, false],
    [READ, `/System/Volumes/Data${WS}/secret/a`, false],
    ["process-exec", `${WS}/secret/run`, false],
    ["file-map-executable", `${WS}/secret/run`, false],
    ["file-clone", `${WS}/secret/a`, false],
    ["file-link", `${WS}/secret/a`, false],
    [CREATE, `${WS}/secret/a`, false],
    [REMOVE, `${WS}/secret`, false],
    [REMOVE, WS, false],
    [READ, `${WS}/secret/public/a`, true],
    [CREATE, `${WS}/secret/public/a`, false],
    [READ, `${WS}/secret/out/a`, true],
    [CREATE, `${WS}/secret/out/a`, true],
    ["process-exec", `${WS}/secret/out/run`, true],
    [READ, "/Users/ann/.ssh/id", false],
    [READ, "/Users/ann/.SSH/id", false],
    [READ, "/Users/ann/.sshx", true],
    // Globs, for files that are made later too.
    [READ, `${WS}/.env`, false],
    [READ, `${WS}/a/b/x.env`, false],
    [READ, `${WS}/a/b/x.ENV`, false],
    [READ, `${WS}/a\nb/x.env`, false],
    [READ, `${WS}/x.env/below`, false],
    [CREATE, `${WS}/x.env`, false],
    [REMOVE, `${WS}/x.env`, false],
    [READ, `${WS}/x.environment`, true],
    [READ, `${WS}/xenv`, true],
    // A folder may be moved to another root: what it holds stays hidden there.
    [READ, "/private/tmp/moved/x.env", false],
    [READ, "/private/etc/x.env", true],
    [REMOVE, `${WS}/a`, true],
    [READ, `${WS}/keys/a.pem`, false],
    [READ, `${WS}/keys/sub/a.pem`, true],
    [REMOVE, `${WS}/keys`, false],
    [REMOVE, `${WS}/KEYS`, false],
    [READ, "/private/tmp/k1x/a", false],
    [READ, "/private/tmp/k1x", true],
    [READ, "/tmp/k1x/a", false],
    [READ, "/private/tmp/kax/a", true],
    [REMOVE, "/private/tmp/k1x", false],
    ...MATCHES.flatMap((path): Row[] =>
      [READ, CREATE, "file-link", "file-clone", "process-exec"].map((operation) => [operation, path, false])
    ),
  ],
  proxy: [
    ...WORKSPACE_FILES,
    ["network-outbound", { address: "localhost:3128" }, true],
    ["network-outbound", { address: "localhost:1080" }, true],
    ["network-outbound", { address: "localhost:5432" }, true],
    ["network-outbound", { address: "localhost:22" }, false],
    ["network-outbound", { address: "192.0.2.1:3128" }, false],
    ["network-outbound", { address: "192.0.2.1:53" }, false],
    ["network-outbound", { unixSocket: "/private/var/run/docker.sock" }, true],
    ["network-outbound", { unixSocket: "/private/var/run/mDNSResponder" }, false],
    ["network-bind", { address: "localhost:8080" }, false],
    ["network-inbound", { address: "localhost:8080" }, false],
    ["mach-lookup", { name: "com.apple.trustd.agent" }, true],
  ],
  proxy_local_servers: [
    ["network-bind", { address: "localhost:8080" }, true],
    ["network-inbound", { address: "localhost:8080" }, true],
    ["network-bind", { address: "*:8080" }, false],
    ["network-outbound", { address: "localhost:8080" }, true],
    ["network-outbound", { address: "192.0.2.1:80" }, false],
    ["network-outbound", { unixSocket: "/private/var/run/docker.sock" }, false],
  ],
  sockets_without_network: [
    ["network-outbound", { unixSocket: "/private/tmp/agent.sock" }, true],
    ["network-outbound", { unixSocket: "/private/tmp/other.sock" }, false],
    ["network-outbound", { address: "localhost:8080" }, true],
    ["network-outbound", { address: "localhost:8081" }, false],
    ["network-outbound", { address: "192.0.2.1:8080" }, false],
    ["mach-lookup", { name: "com.apple.trustd.agent" }, false],
  ],
  network_named_sockets: [
    ["network-outbound", { address: "192.0.2.1:443" }, true],
    ["network-outbound", { unixSocket: "/private/var/run/docker.sock" }, true],
    ["network-outbound", { unixSocket: "/private/var/run/mDNSResponder" }, true],
    ["network-outbound", { unixSocket: "/private/tmp/other.sock" }, false],
    ["network-inbound", { address: "*:80" }, true],
  ],
  whole_disk: [
    ...DEVICES,
    [CREATE, "/private/etc/a", true],
    [CREATE, "/.git/x", false],
    [CREATE, "/.GIT/x", false],
    [CREATE, "/Users/ann/.codex/x", false],
    [CREATE, "/Users/ann/.CODEX/x", false],
    [CREATE, "/users/Ann/.codex/x", false],
    [REMOVE, "/Users/ann", false],
    [REMOVE, "/Users", false],
    [REMOVE, "/Users/bob", true],
  ],
};

function rowsOf(name: PlanName): readonly Row[] {
  // Reopened parts of a hidden folder, and what the mode without roots protects, have rows of their own.
  return [...TABLES[name], ...(name === "few_reads" ? [] : pathRows(PLANS[name]))];
}

function attemptOf([operation, subject]: Row): Attempt {
  return typeof subject === "string" ? { operation, path: subject } : { operation, ...subject };
}

function wrongRows(rules: readonly ParsedRule[], rows: readonly Row[], order: Order): readonly unknown[] {
  return rows.flatMap((row) => {
    const { action, rule } = decide(rules, attemptOf(row), order);
    return (action === "allow") === row[2] ? [] : [{ row, action, line: rule.line }];
  });
}

for (const name of Object.keys(TABLES) as PlanName[]) {
  for (const order of ORDERS) {
    Deno.test(`profile ${name}: every attempt ends as it should (${order} rule decides)`, () => {
      deepEqual(wrongRows(rulesOf(name), rowsOf(name), order), []);
    });
  }
  Deno.test(`profile ${name}: every attempt ends as it should where macOS knows no file-link and file-clone`, () => {
    const unknown = ["file-link", "file-clone"];
    const rows = rowsOf(name).filter(([operation]) => !unknown.includes(operation));
    deepEqual(wrongRows(rulesOf(name, unknown), rows, "last"), []);
  });
}

Deno.test("where macOS cannot tell requests apart, terminals that were open before take none", () => {
  const rules = rulesOf("workspace_write", ["ioctl-command"]);
  const rows: Row[] = [
    ["file-ioctl", { path: "/dev/ttys003", ioctl: 0x80017472 }, false],
    ["file-ioctl", { path: "/dev/ttys003", ioctl: 0x40087468 }, false],
    ["file-ioctl", { path: "/dev/tty", ioctl: 0x40087468 }, false],
    ["file-ioctl", { path: "/dev/ptmx", ioctl: 0x20007454 }, true],
  ];
  for (const order of ORDERS) deepEqual(wrongRows(rules, rows, order), []);
});

Deno.test("no profile names a request of terminals by a word, which some releases do not know", () => {
  for (const name of PLAN_NAMES) doesNotMatch(profileOf(name).text.replace(/^ *;.*$/gm, ""), /TIOC/);
});

Deno.test("danger-full-access has no plan, so no profile", () => {
  const context = { cwd: WS, tmpdir: null, codexHome: "/Users/ann/.codex", home: "/Users/ann" };
  equal(planSandbox({ type: "dangerFullAccess" }, context), null);
});

function nameOf(rule: ParsedRule): string {
  const filterName = (filter: ParsedFilter): string =>
    [filter.name, ...filter.texts, ...filter.filters.map(filterName)].join(" ");
  return `${rule.action} ${rule.operations.join(" ")} ${rule.filters.map(filterName).join(", ")}`.trim();
}

/** Rules that say again what another says in the same mode, and why they stay. */
const SAID_TWICE = [
  // A `.git` that is opened lies in a root that is open already.
  /^allow (file-read\* file-write\* file-map-executable process-exec|file-link) subpath .*\/\.git$/,
  // Each opened path below a hidden one says what leads to it.
  /^allow file-read-metadata literal \/Users\/ann\/ws\/secret$/,
  // A readable root inside a writable one, and one inside a hidden one: the plan's other lists say the rest.
  /^allow file-read\* file-map-executable process-exec subpath \/Users\/ann\/ws\/docs$/,
  /^deny file-write\* literal \/Users\/ann\/ws\/secret\/public,/,
  // The mode with local servers opens all ports of the loopback address.
  /^allow network-outbound remote ip localhost:3128, remote ip localhost:1080$/,
  // Outside of writable roots nothing gets a second name anyway: the base says so.
  /^deny file-link (literal \/Users\/ann\/\.ssh,|regex \^\/\(s\|S|regex \^\/\[tT\])/,
  // The root of the disk holds what is protected, so it stays where it is without a rule.
  /^allow file-link subpath \/$/,
];

Deno.test("every rule is needed: without it an attempt ends otherwise, in the mode where it counts", () => {
  const needed = new Map<string, boolean>();
  for (const name of Object.keys(TABLES) as PlanName[]) {
    const rules = rulesOf(name);
    for (const [index, rule] of rules.entries()) {
      if (rule.operations.includes("default")) continue;
      const without = rules.toSpliced(index, 1);
      const isNeeded = ORDERS.some((order) => wrongRows(without, rowsOf(name), order).length > 0);
      needed.set(nameOf(rule), isNeeded || needed.get(nameOf(rule)) === true);
    }
  }
  deepEqual([...needed].filter(([rule, isNeeded]) => !isNeeded && !SAID_TWICE.some((one) => one.test(rule))), []);
});
