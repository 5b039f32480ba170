// Who is asked what, in which order, and what each answer does: commands under every policy, patches, the retry
// without the sandbox.
import assert from "node:assert/strict";
import type { AskForApproval } from "../../../src/protocol/types/policy.ts";
import { brief, calling, customCall, functionCall, Harness, type HarnessOptions, outputsOf, says } from "./_harness.ts";

const WRITE = "touch /opt/x && echo wrote";

function escalated(cmd = WRITE): ReturnType<typeof calling> {
  return calling(functionCall("exec_command", {
    cmd,
    sandbox_permissions: "require_escalated",
    justification: "May I?",
  }, "c1"));
}

function plain(cmd: string): ReturnType<typeof calling> {
  return calling(functionCall("exec_command", { cmd }, "c1"));
}

async function run(options: HarnessOptions): Promise<{ harness: Harness; lines: string[] }> {
  const harness = new Harness(options);
  const log = await harness.turn(await harness.start(), "hi");
  return { harness, lines: brief(log).filter((line) => !/userMessage|agentMessage|turn\/started/.test(line)) };
}

const ASKED = [
  "thread/status/changed active",
  "thread/status/changed active waitingOnApproval",
  "item/started commandExecution inProgress",
  "ask item/commandExecution/requestApproval",
  "resolved",
];
const DONE = ["thread/status/changed idle", "turn/completed T1 completed"];

Deno.test("exec_command asks for an escalation as recorded and runs it bare once accepted", async () => {
  const { harness, lines } = await run({
    model: [escalated(), says("ok")],
    answers: [{ decision: "accept" }],
    commands: () => ({ prints: ["wrote\n"] }),
  });
  assert.deepEqual(lines, [
    ...ASKED,
    "thread/status/changed active",
    'item/commandExecution/outputDelta "wrote\\n"',
    'item/completed commandExecution completed 0 "wrote\\n"',
    ...DONE,
  ]);
  const command = `/bin/bash -lc '${WRITE}'`;
  const commandActions = [{ type: "unknown", command: WRITE }];
  const amendment = ["touch", "/opt/x"];
  const { threadId: _t, turnId: _u, ...params } = harness.asked[0]?.params as Record<string, unknown>;
  assert.deepEqual(params, {
    itemId: "c1",
    reason: "May I?",
    command,
    cwd: "/ws",
    commandActions,
    proposedExecpolicyAmendment: amendment,
    availableDecisions: ["accept", { acceptWithExecpolicyAmendment: { execpolicy_amendment: amendment } }, "cancel"],
  });
  assert.equal(harness.exec.requests[0]?.sandbox, null);
  const completed = harness.log.filter(([method]) => method === "item/completed").map(([, detail]) => detail);
  assert.deepEqual(completed[1], {
    turnId: "T1",
    item: {
      type: "commandExecution",
      id: "c1",
      command,
      cwd: "/ws",
      processId: "100",
      source: "unifiedExecStartup",
      status: "completed",
      commandActions,
      aggregatedOutput: "wrote\n",
      exitCode: 0,
      durationMs: 5,
    },
  });
});

const REFUSALS: readonly { answer: unknown; item: string; output: RegExp }[] = [
  { answer: { decision: "decline" }, item: "declined", output: /rejected by user$/ },
  { answer: null, item: "failed", output: /could not be asked$/ },
];

for (const { answer, item, output } of REFUSALS) {
  Deno.test(`exec_command goes on with the turn when the answer is ${JSON.stringify(answer)}`, async () => {
    const { harness, lines } = await run({ model: [escalated(), says("ok")], answers: [answer] });
    assert.deepEqual(lines, [
      ...ASKED,
      `item/completed commandExecution ${item} null null`,
      "thread/status/changed active",
      ...DONE,
    ]);
    assert.match(String(outputsOf(harness.model.requests[1])[0]), output);
    assert.deepEqual(harness.exec.requests, []);
  });
}

Deno.test("exec_command ends the turn when the person cancels", async () => {
  const { harness, lines } = await run({ model: [escalated()], answers: [{ decision: "cancel" }] });
  assert.deepEqual(lines, [
    ...ASKED,
    "item/completed commandExecution declined null null",
    "thread/status/changed active",
    "thread/status/changed idle",
    "turn/completed T1 interrupted",
  ]);
  assert.match(JSON.stringify(harness.writer.records), /aborted by user after 0\.0s/);
});

Deno.test("interrupt() while an approval waits withdraws it and finishes the item", async () => {
  const harness = new Harness({ model: [escalated()], answers: [new Promise(() => {})] });
  const thread = await harness.start();
  const { id } = thread.startTurn({ threadId: thread.id, input: [{ type: "text", text: "hi" }] });
  await harness.when("ask item/commandExecution/requestApproval");
  assert.deepEqual(thread.status, { type: "active", activeFlags: ["waitingOnApproval"] });
  await thread.interrupt(id);
  assert.deepEqual(brief(harness.log).slice(-4), [
    "resolved",
    "item/completed commandExecution declined null null",
    "thread/status/changed idle",
    "turn/completed T1 interrupted",
  ]);
});

Deno.test("exec_command remembers an answer for the session", async () => {
  const { harness } = await run({
    model: [escalated(), escalated(), says("ok")],
    answers: [{ decision: "acceptForSession" }],
  });
  assert.equal(harness.asked.length, 1);
  assert.deepEqual(harness.exec.requests.map(({ sandbox }) => sandbox), [null, null]);
});

Deno.test("exec_command keeps an amendment as a rule that runs outside of the sandbox", async () => {
  const codexHome = await Deno.makeTempDir();
  try {
    const { harness } = await run({
      codexHome,
      model: [escalated("touch /opt/a"), plain("touch /opt/a"), says("ok")],
      answers: [{ decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["touch"] } } }],
    });
    assert.equal(harness.asked.length, 1);
    assert.deepEqual(harness.exec.requests.map(({ sandbox }) => sandbox), [null, null]);
    const rules = await Deno.readTextFile(`${codexHome}/rules/default.rules`);
    assert.equal(rules, 'prefix_rule(pattern=["touch"], decision="allow")\n');
  } finally {
    await Deno.remove(codexHome, { recursive: true });
  }
});

const AMEND = { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["touch"] } } };

Deno.test("exec_command tells of a rule that cannot be saved, and keeps to it all the same", async () => {
  const codexHome = await Deno.makeTempDir();
  try {
    // The folder of the rules cannot be made.
    await Deno.writeTextFile(`${codexHome}/rules`, "");
    const { harness, lines } = await run({
      codexHome,
      model: [escalated("touch /opt/a"), plain("touch /opt/b"), says("ok"), plain("touch /opt/c"), says("ok")],
      answers: [AMEND],
    });
    assert.equal(harness.asked.length, 1);
    assert.deepEqual(harness.exec.requests.map(({ sandbox }) => sandbox), [null, null]);
    const told = harness.log.filter(([method]) => method === "configWarning").map(([, detail]) => detail);
    assert.equal(told.length, 1);
    const { summary, details } = told[0] as { summary: string; details: string };
    assert.equal(summary, "Cannot save the rule that allows `touch`: it holds until the server ends");
    assert.match(details, /rules/);
    assert.deepEqual(lines.slice(-2), DONE);
    // Another thread reads the rules again.
    await harness.turn(await harness.start(), "hi");
    assert.deepEqual(harness.exec.requests.map(({ sandbox }) => sandbox), [null, null, null]);
  } finally {
    await Deno.remove(codexHome, { recursive: true });
  }
});

Deno.test("interrupt() between an answer and the start finishes the item, and nothing runs", async () => {
  const codexHome = await Deno.makeTempDir();
  try {
    const harness = new Harness({ codexHome, model: [escalated("touch /opt/a")], answers: [AMEND] });
    const thread = await harness.start();
    const { id } = thread.startTurn({ threadId: thread.id, input: [{ type: "text", text: "hi" }] });
    // The rule is being saved.
    await harness.when("resolved");
    await thread.interrupt(id);
    assert.deepEqual(brief(harness.log).slice(-3), [
      "item/completed commandExecution declined null null",
      "thread/status/changed idle",
      "turn/completed T1 interrupted",
    ]);
    assert.deepEqual(harness.exec.requests, []);
  } finally {
    await Deno.remove(codexHome, { recursive: true });
  }
});

Deno.test("amendments hold for every thread, answers for the session for one, refusals for one command", async () => {
  const codexHome = await Deno.makeTempDir();
  try {
    const ask = (name: string): ReturnType<typeof calling> => escalated(`${name} /opt/a`);
    const session = { decision: "acceptForSession" };
    const harness = new Harness({
      codexHome,
      model: [
        ...[ask("mkdir"), ask("touch"), ask("chmod"), says("A1")],
        ...[ask("mkdir"), ask("touch"), ask("chmod"), ask("chmod")],
        ...[ask("mkdir"), ask("touch"), ask("chmod"), says("A2")],
        ...[ask("mkdir"), ask("touch"), says("B2")],
      ],
      answers: [
        // Thread A: mkdir for the session, touch for good, chmod not.
        ...[session, AMEND, { decision: "decline" }],
        // Thread B: mkdir is new to it, touch is not; chmod is refused once more, then the turn is ended.
        ...[{ decision: "accept" }, { decision: "decline" }, { decision: "cancel" }],
        // Thread A: only chmod was not allowed.
        { decision: "accept" },
        // Thread B: one answer for mkdir was for that time.
        { decision: "decline" },
      ],
    });
    const [a, b] = [await harness.start(), await harness.start()];
    const ends: string[] = [];
    for (const thread of [a, b, a, b]) ends.push(brief(await harness.turn(thread, "hi")).at(-1) ?? "");
    assert.deepEqual(ends, [
      "turn/completed T1 completed",
      "turn/completed T2 interrupted",
      "turn/completed T3 completed",
      "turn/completed T4 completed",
    ]);
    const asked = harness.asked.map(({ params }) => {
      const { threadId, command } = params as { threadId: string; command: string };
      return `${threadId === a.id ? "A" : "B"} ${/(mkdir|touch|chmod)/.exec(command)?.[0]}`;
    });
    assert.deepEqual(asked, ["A mkdir", "A touch", "A chmod", "B mkdir", "B chmod", "B chmod", "A chmod", "B mkdir"]);
    const ran = harness.exec.requests.map(({ argv }) => argv.at(-1)?.split(" ")[0]);
    assert.deepEqual(ran, ["mkdir", "touch", "mkdir", "touch", "mkdir", "touch", "chmod", "touch"]);
    assert.equal(
      await Deno.readTextFile(`${codexHome}/rules/default.rules`),
      'prefix_rule(pattern=["touch"], decision="allow")\n',
    );
  } finally {
    await Deno.remove(codexHome, { recursive: true });
  }
});

interface PolicyRow {
  readonly policy: AskForApproval;
  readonly script: ReturnType<typeof calling>;
  readonly asks: boolean;
  /** Sandboxed, bare, or not run. */
  readonly runs: "sandboxed" | "bare" | "no";
}

const GRANULAR = { mcp_elicitations: false, rules: false, sandbox_approval: false };
const POLICIES: readonly PolicyRow[] = [
  { policy: "on-request", script: plain("ls"), asks: false, runs: "sandboxed" },
  { policy: "on-request", script: plain("touch a"), asks: false, runs: "sandboxed" },
  { policy: "on-request", script: plain("rm -rf a"), asks: true, runs: "sandboxed" },
  { policy: "on-request", script: escalated(), asks: true, runs: "bare" },
  { policy: "untrusted", script: plain("ls"), asks: false, runs: "sandboxed" },
  { policy: "untrusted", script: plain("touch a"), asks: true, runs: "sandboxed" },
  { policy: "untrusted", script: escalated(), asks: true, runs: "bare" },
  { policy: "on-failure", script: plain("touch a"), asks: false, runs: "sandboxed" },
  { policy: "on-failure", script: escalated(), asks: false, runs: "no" },
  { policy: "never", script: plain("touch a"), asks: false, runs: "sandboxed" },
  { policy: "never", script: plain("rm -rf a"), asks: false, runs: "sandboxed" },
  { policy: "never", script: escalated(), asks: false, runs: "no" },
  { policy: { granular: GRANULAR }, script: plain("touch a"), asks: false, runs: "sandboxed" },
  { policy: { granular: GRANULAR }, script: escalated(), asks: false, runs: "no" },
  { policy: { granular: { ...GRANULAR, sandbox_approval: true } }, script: escalated(), asks: true, runs: "bare" },
];

for (const [index, { policy, script, asks, runs }] of POLICIES.entries()) {
  Deno.test(`exec_command under ${JSON.stringify(policy)}, row ${index + 1}: asks ${asks}, runs ${runs}`, async () => {
    const { harness, lines } = await run({
      config: { approvalPolicy: policy },
      model: [script, says("ok")],
      answers: [{ decision: "accept" }],
    });
    assert.equal(harness.asked.length === 1, asks);
    const { requests } = harness.exec;
    const ran = requests.length === 0 ? "no" : requests[0]?.sandbox === null ? "bare" : "sandboxed";
    assert.equal(ran, runs);
    assert.equal(lines.some((line) => line.startsWith("item/started")), runs !== "no");
  });
}

Deno.test("exec_command reports a denied command to the model under on-request, item included", async () => {
  const { harness, lines } = await run({
    model: [plain("touch /opt/x"), says("ok")],
    commands: () => ({ prints: ["touch: Read-only file system\n"], exitCode: 1, sandboxDenied: true }),
  });
  assert.deepEqual(lines, [
    "thread/status/changed active",
    "item/started commandExecution inProgress",
    'item/commandExecution/outputDelta "touch: Read-only file system\\n"',
    'item/completed commandExecution failed 1 "touch: Read-only file system\\n"',
    ...DONE,
  ]);
  assert.match(String(outputsOf(harness.model.requests[1])[0]), /exited with code 1\n.*\nThe sandbox stopped/s);
});

Deno.test("exec_command tells the person which rule refused what, in the finished item", async () => {
  const denial = { what: "write to /opt/x", rule: "outside the writable folders", remedy: "add its folder" };
  const { harness } = await run({
    model: [plain("touch /opt/x"), says("ok")],
    commands: () => ({ prints: ["no\n"], exitCode: 1, sandboxDenied: true, denials: [denial] }),
  });
  const ends = harness.log.flatMap(([method, detail]) => method === "item/completed" ? [Object(detail).item] : []);
  assert.deepEqual(ends.find(({ type }) => type === "commandExecution").sandboxDenials, [
    "write to /opt/x refused: outside the writable folders; add its folder",
  ]);
});

Deno.test("exec_command asks once whether to run a denied command bare under on-failure", async () => {
  const { harness, lines } = await run({
    config: { approvalPolicy: "on-failure" },
    model: [plain("touch /opt/x"), says("ok")],
    answers: [{ decision: "accept" }],
    commands: (_cmd, { sandbox }) =>
      sandbox === null ? { prints: ["fine\n"] } : { prints: ["denied\n"], exitCode: 1, sandboxDenied: true },
  });
  assert.deepEqual(lines, [
    "thread/status/changed active",
    "item/started commandExecution inProgress",
    'item/commandExecution/outputDelta "denied\\n"',
    "thread/status/changed active waitingOnApproval",
    "ask item/commandExecution/requestApproval",
    "resolved",
    "thread/status/changed active",
    'item/commandExecution/outputDelta "fine\\n"',
    'item/completed commandExecution completed 0 "denied\\nfine\\n"',
    ...DONE,
  ]);
  assert.equal(harness.exec.requests.length, 2);
});

Deno.test("exec_command finishes a denied command whose retry is refused", async () => {
  const { lines } = await run({
    config: { approvalPolicy: "on-failure" },
    model: [plain("touch /opt/x"), says("ok")],
    answers: [{ decision: "decline" }],
    commands: () => ({ prints: ["denied\n"], exitCode: 1, sandboxDenied: true }),
  });
  assert.deepEqual(lines.slice(-4), [
    "thread/status/changed active",
    'item/completed commandExecution failed 1 "denied\\n"',
    ...DONE,
  ]);
});

Deno.test("exec_command finishes a denied command that cannot run again", async () => {
  const { harness, lines } = await run({
    config: { approvalPolicy: "on-failure" },
    model: [plain("touch /opt/x"), says("ok")],
    answers: [{ decision: "accept" }],
    commands: (_cmd, { sandbox }) =>
      sandbox === null
        ? { startError: new Error("Cannot start") }
        : { prints: ["denied\n"], exitCode: 1, sandboxDenied: true },
  });
  assert.deepEqual(lines.slice(-3), ['item/completed commandExecution failed 1 "denied\\n"', ...DONE]);
  assert.match(String(outputsOf(harness.model.requests[1])[0]), /^exec_command failed for .*: Cannot start$/);
});

Deno.test("exec_command starts and finishes the item of a command that cannot start", async () => {
  const { CodexError } = await import("../../../src/base/errors.ts");
  const { harness, lines } = await run({
    model: [plain("ls"), says("ok")],
    commands: () => ({
      startError: new CodexError("SANDBOX_UNAVAILABLE", "Cannot find bwrap", { hint: "Install it" }),
    }),
  });
  assert.deepEqual(lines.slice(1, 3), [
    "item/started commandExecution inProgress",
    'item/completed commandExecution failed null "Cannot find bwrap\\nInstall it\\n"',
  ]);
  assert.deepEqual(outputsOf(harness.model.requests[1]), [
    "exec_command failed for `/bin/bash -lc ls`: Cannot find bwrap",
  ]);
});

async function patchRun(
  options: HarnessOptions & { path?: (folder: string) => string },
): Promise<{ lines: string[]; harness: Harness; written: string | null }> {
  const cwd = await Deno.realPath(await Deno.makeTempDir());
  try {
    const path = options.path?.(cwd) ?? "new.txt";
    const patch = `*** Begin Patch\n*** Add File: ${path}\n+line one\n*** End Patch\n`;
    const { harness, lines } = await run({
      ...options,
      cwd,
      model: options.model ?? [calling(customCall("apply_patch", patch, "p1")), says("ok")],
    });
    const written = await Deno.readTextFile(`${cwd}/new.txt`).catch(() => null);
    return { lines: lines.map((line) => line.replaceAll(cwd, "/ws")), harness, written };
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

const APPLIED = [
  'item/fileChange/outputDelta "Success. Updated the following files:\\nA new.txt\\n"',
  "item/completed fileChange completed",
  "turn/diff/updated",
  "turn/diff/updated",
  "turn/diff/updated",
];

Deno.test("apply_patch writes inside of the workspace unasked", async () => {
  const { lines, harness, written } = await patchRun({});
  assert.deepEqual(lines, [
    "thread/status/changed active",
    "item/started fileChange inProgress",
    ...APPLIED,
    ...DONE,
  ]);
  assert.equal(written, "line one\n");
  assert.deepEqual(outputsOf(harness.model.requests[1]), [
    "Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following files:\nA new.txt\n",
  ]);
  const diff = harness.log.find(([method]) => method === "turn/diff/updated")?.[1];
  assert.match((diff as { diff: string }).diff, /^diff --git a\/new\.txt b\/new\.txt\nnew file mode 100644\n/);
});

Deno.test("apply_patch asks under untrusted in the order of patches, and remembers the file for the session", async () => {
  const patch = (text: string): string => `*** Begin Patch\n${text}\n*** End Patch\n`;
  const { lines, harness, written } = await patchRun({
    config: { approvalPolicy: "untrusted" },
    model: [
      calling(customCall("apply_patch", patch("*** Add File: new.txt\n+one"), "p1")),
      calling(customCall("apply_patch", patch("*** Update File: new.txt\n@@\n-one\n+two"), "p2")),
      says("ok"),
    ],
    answers: [{ decision: "acceptForSession" }],
  });
  assert.deepEqual(lines.slice(0, 7), [
    "thread/status/changed active",
    "item/started fileChange inProgress",
    "thread/status/changed active waitingOnApproval",
    "ask item/fileChange/requestApproval",
    "resolved",
    "thread/status/changed active",
    'item/fileChange/outputDelta "Success. Updated the following files:\\nA new.txt\\n"',
  ]);
  assert.equal(harness.asked.length, 1);
  assert.equal(written, "two\n");
  const { threadId: _t, turnId: _u, ...params } = harness.asked[0]?.params as Record<string, unknown>;
  assert.deepEqual(params, { itemId: "p1", reason: null, grantRoot: null });
});

Deno.test("apply_patch leaves the files alone when declined", async () => {
  const { lines, harness, written } = await patchRun({
    config: { approvalPolicy: "untrusted" },
    answers: [{ decision: "decline" }],
  });
  assert.deepEqual(lines.slice(-5), [
    "resolved",
    "item/completed fileChange declined",
    "thread/status/changed active",
    ...DONE,
  ]);
  assert.equal(written, null);
  assert.deepEqual(outputsOf(harness.model.requests[1]), ["patch rejected by user"]);
});

Deno.test("apply_patch follows links: a link out of the workspace is outside", async () => {
  const outside = await Deno.makeTempDir();
  try {
    const { harness } = await patchRun({
      path: (folder) => {
        Deno.symlinkSync(outside, `${folder}/link`);
        return "link/new.txt";
      },
      answers: [{ decision: "decline" }],
    });
    assert.equal(harness.asked.length, 1);
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
});

Deno.test("apply_patch refuses what is outside when nobody may be asked", async () => {
  const { lines, harness } = await patchRun({
    config: { approvalPolicy: "never" },
    path: () => "/opt/codex-test-outside.txt",
  });
  assert.deepEqual(lines, ["thread/status/changed active", ...DONE]);
  assert.match(String(outputsOf(harness.model.requests[1])[0]), /^patch rejected/);
});

Deno.test("apply_patch tells the model what is wrong with a patch, without an item", async () => {
  const patch = "*** Begin Patch\n*** Update File: nope.txt\n@@\n-x\n+y\n*** End Patch\n";
  const { lines, harness } = await patchRun({ model: [calling(customCall("apply_patch", patch, "p1")), says("ok")] });
  assert.deepEqual(lines, ["thread/status/changed active", ...DONE]);
  assert.match(String(outputsOf(harness.model.requests[1])[0]), /^apply_patch verification failed: .*nope\.txt/);
});

Deno.test("exec_command applies a patch that was given to the shell", async () => {
  const cmd = "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: new.txt\n+line one\n*** End Patch\nEOF\n";
  const { lines, harness, written } = await patchRun({ model: [plain(cmd), says("ok")] });
  assert.deepEqual(lines.slice(1, -2), ["item/started fileChange inProgress", ...APPLIED]);
  assert.equal(written, "line one\n");
  assert.deepEqual(harness.exec.requests, []);
});
