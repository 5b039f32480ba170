// A refusal by the sandbox is told from an ordinary failure by what the plan says of the path or host in the output.
import assert from "node:assert/strict";
import { denialText, explainDenial } from "../../../src/sandbox/denial.ts";
import type { NetworkDecision } from "../../../src/sandbox/network_proxy/network_decision.ts";
import { FULL_NETWORK, type SandboxPlan } from "../../../src/sandbox/plan.ts";
import { READ_ONLY_PLAN } from "../../support/sandbox_plans.ts";

const WORKSPACE: SandboxPlan = {
  ...READ_ONLY_PLAN,
  writable: ["/tmp", "/ws"],
  protected: ["/tmp/.git", "/ws/.git"],
  hidden: ["/ws/secret"],
  hiddenPatterns: ["/ws/**/*.env"],
};
const RESTRICTED: SandboxPlan = {
  ...WORKSPACE,
  readable: { everything: false, platform: true, roots: [] },
};
const ONLINE: SandboxPlan = { ...WORKSPACE, network: FULL_NETWORK };

const outside = (path: string): string =>
  `write to ${path} refused: outside the writable folders; ` +
  "add its folder with --add-dir or sandbox_workspace_write.writable_roots";
const offline = (host: string): string =>
  `connection to ${host} refused: the sandbox has no network; ` +
  "sandbox_workspace_write.network_access = true opens it, [permissions.NAME.network] for single hosts";
const hidden = (path: string, by: string): string =>
  `access to ${path} refused: hidden by "${by}"; open it in [permissions.NAME.filesystem]`;
const system = "a system call refused: mounts, namespaces, tracing and the like are not for sandboxed commands";
const git = `write to /ws/.git/index.lock refused: "/ws/.git" is protected; ` +
  "sandbox_workspace_write.allow_git_writes = true opens it for commits";

type Row = readonly [plan: SandboxPlan, output: string, expected: readonly string[], exitCode?: number];
const ROWS: readonly Row[] = [
  [WORKSPACE, "touch: cannot touch '/etc/x': Read-only file system", [], 0],
  [WORKSPACE, "touch: cannot touch '/etc/x': Read-only file system", [outside("/etc/x")]],
  [WORKSPACE, "touch: cannot touch ‘/etc/x’: Read-only file system", [outside("/etc/x")]],
  [WORKSPACE, "touch: cannot touch '../x': Read-only file system", [outside("/x")]],
  [WORKSPACE, "bash: line 1: /etc/x: Read-only file system", [outside("/etc/x")], 2],
  [WORKSPACE, "OSError: [Errno 30] Read-only file system: '/opt/x'", [outside("/opt/x")]],
  [WORKSPACE, "Error: EROFS: read-only file system, open '/opt/x'", [outside("/opt/x")]],
  [WORKSPACE, "open /opt/x: read-only file system", [outside("/opt/x")]],
  [WORKSPACE, "fatal: Unable to create '/ws/.git/index.lock': Read-only file system", [git], 128],
  [WORKSPACE, "touch: cannot touch '/ws/x': Read-only file system", []],
  [WORKSPACE, "mkdir: cannot create directory '/tmp': Read-only file system", [
    "write to /tmp refused: it was not there when the command started; make it outside of the sandbox",
  ]],
  [READ_ONLY_PLAN, "touch: cannot touch 'x': Read-only file system", [
    "write to /ws/x refused: the sandbox is read-only; allow writes to the workspace with --sandbox workspace-write",
  ]],
  [WORKSPACE, "something: Read-only file system", [outside("x").replace("write to x", "a write")]],
  [WORKSPACE, "/bin/sh: 1: cannot create x: Read-only file system", [], 2],
  [WORKSPACE, "/bin/sh: 1: cannot create /etc/x: Read-only file system", [outside("/etc/x")], 2],
  [WORKSPACE, "/usr/bin/touch: cannot touch '/etc/x': Read-only file system", [outside("/etc/x")]],
  [WORKSPACE, "cp: cannot create regular file '/etc/a b': Read-only file system", [outside("/etc/a b")]],
  // Ordinary refusals
  [WORKSPACE, "cat: /ws/mine: Permission denied", []],
  [WORKSPACE, "cat: /etc/shadow: Permission denied", []],
  [WORKSPACE, "bash: ./x: Permission denied", [], 126],
  [WORKSPACE, "git@host: Permission denied (publickey).", [], 128],
  [WORKSPACE, "chown: changing ownership of '/ws/x': Operation not permitted", []],
  [WORKSPACE, "cat: /nowhere: No such file or directory", []],
  [WORKSPACE, "1 test failed", []],
  [WORKSPACE, "bash: nope: command not found", [], 127],
  // What is hidden
  [WORKSPACE, "cat: /ws/secret/key: Permission denied", [hidden("/ws/secret/key", "/ws/secret")]],
  [WORKSPACE, "cat: a/b.env: Permission denied", [hidden("/ws/a/b.env", "/ws/**/*.env")]],
  [RESTRICTED, "cat: /home/me/x: No such file or directory", [
    "access to /home/me/x refused: outside the readable folders; open it in [permissions.NAME.filesystem]",
  ]],
  [RESTRICTED, "cat: /usr/x: No such file or directory", []],
  // System calls
  [WORKSPACE, "mount: Operation not permitted", [system]],
  [WORKSPACE, "", [system], 159],
  [WORKSPACE, "usage: Operation not permitted", [], 2],
  [WORKSPACE, "bwrap: Can't chdir to /x", ["the start of the sandbox refused: Can't chdir to /x"]],
  // Network
  [WORKSPACE, "curl: (6) Could not resolve host: example.com", [offline("example.com")], 6],
  [WORKSPACE, "Error: getaddrinfo EAI_AGAIN registry.npmjs.org", [offline("registry.npmjs.org")]],
  [WORKSPACE, "connect EPERM 127.0.0.1:80", [offline("the network")]],
  [WORKSPACE, "dial unix /run/docker.sock: connect: operation not permitted", [
    "connection to /run/docker.sock refused: the socket is not on the list; " +
    "add it to sandbox_workspace_write.allow_unix_sockets or [permissions.NAME.network.unix_sockets]",
  ]],
  [ONLINE, "curl: (6) Could not resolve host: example.com", [], 6],
];

for (const [plan, output, expected, exitCode = 1] of ROWS) {
  const name = plan === READ_ONLY_PLAN
    ? "read-only"
    : plan === ONLINE
    ? "online"
    : plan === RESTRICTED
    ? "restricted"
    : "workspace";
  Deno.test(`explainDenial() ${name}, exit ${exitCode}: ${output}`, () => {
    const found = explainDenial(plan, {
      exitCode,
      output: `before\n${output}\nafter\n`,
      cwd: "/ws",
      networkDecisions: [],
    });
    assert.deepEqual(found.map(denialText), expected);
  });
}

Deno.test("explainDenial() where rules refuse, a write outside is not permitted instead of read-only", () => {
  const evidence = { exitCode: 1, cwd: "/ws", networkDecisions: [], means: "rules" as const };
  const output = "touch: /etc/x: Operation not permitted\ntouch: /ws/y: Operation not permitted";
  assert.deepEqual(explainDenial(WORKSPACE, { ...evidence, output }).map(denialText), [outside("/etc/x")]);
});

Deno.test("explainDenial() tells what the proxy refused", () => {
  const decision = { port: 443, protocol: "https", atMs: 1 } as const;
  const networkDecisions: NetworkDecision[] = [
    { ...decision, host: "a.org", decision: "allow", why: "allowed by a rule" },
    { ...decision, host: "b.org", decision: "deny", why: "in no rule" },
    { ...decision, host: "c.org", decision: "deny", why: "denied by a rule" },
  ];
  const found = explainDenial(WORKSPACE, { exitCode: 1, output: "", cwd: "/ws", networkDecisions });
  assert.deepEqual(found.map(denialText), [
    'connection to b.org:443 refused: in no rule; add "b.org" = "allow" to [permissions.NAME.network.domains]',
    "connection to c.org:443 refused: denied by a rule",
  ]);
});
