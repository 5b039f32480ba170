// The log is a stand-in: what counts is when it is followed, and what is told of it.
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { makeLogTag, runWithDenialLog } from "../../../src/cli/commands/sandbox_denial_log.ts";
import { LOG_TAG } from "../../../src/sandbox/macos/rule_text.ts";
import type { SeatbeltDenial } from "../../../src/sandbox/macos/denial_log.ts";
import type { NetworkDecision } from "../../../src/sandbox/network_proxy/network_decision.ts";

const DENIAL: SeatbeltDenial = { program: "touch", pid: 7, operation: "file-write-create", subject: "/etc/x" };
const DECISION: NetworkDecision = {
  host: "example.org",
  port: 443,
  protocol: "https",
  decision: "deny",
  why: "in no rule",
  atMs: 0,
};

async function logged(
  denials: readonly SeatbeltDenial[],
  decisions: readonly NetworkDecision[],
): Promise<{ exitCode: number; said: string; order: string[] }> {
  const order: string[] = [];
  let said = "";
  const exitCode = await runWithDenialLog({
    tag: "codex-1",
    start: () => Promise.resolve(order.push("start")).then(() => 3),
    networkDecisions: () => decisions,
    printStderr: (text) => said += text,
    follow: (tag) => {
      order.push(`follow ${tag}`);
      return Promise.resolve({ stop: () => Promise.resolve(order.push("stop")).then(() => denials) });
    },
  });
  return { exitCode, said, order };
}

Deno.test("runWithDenialLog() follows the log around the command, keeps its exit code and tells each refusal once", async () => {
  const { exitCode, said, order } = await logged([DENIAL, { ...DENIAL, pid: 8 }], [DECISION]);
  deepEqual([exitCode, order], [3, ["follow codex-1", "start", "stop"]]);
  match(
    said,
    /^codex sandbox: touch: file-write-create \/etc\/x\ncodex sandbox: connection to example\.org:443 refused/,
  );
  equal(said.split("\n").length, 3);
});

Deno.test("runWithDenialLog() says so when nothing was refused", async () => {
  equal((await logged([], [])).said, "codex sandbox: no refusal found in the system's log\n");
});

Deno.test("runWithDenialLog() starts nothing without a log, and lets go of it when the command cannot start", async () => {
  let started = 0;
  let stopped = 0;
  const run = {
    tag: "codex-1",
    start: (): Promise<number> => Promise.resolve(++started),
    networkDecisions: () => [],
    printStderr: () => {},
  };
  await rejects(runWithDenialLog({ ...run, follow: () => Promise.reject(new Error("no log")) }), /no log/);
  equal(started, 0);
  const follow = () => Promise.resolve({ stop: () => Promise.resolve((stopped++, [])) });
  await rejects(runWithDenialLog({ ...run, start: () => Promise.reject(new Error("no start")), follow }), /no start/);
  equal(stopped, 1);
});

Deno.test("makeLogTag() is a tag, and another one each time", () => {
  match(makeLogTag(), LOG_TAG);
  equal(makeLogTag() === makeLogTag(), false);
});
