import assert from "node:assert/strict";
import { findApproval } from "../../../src/client/approval.ts";
import { approvalOptions, cancelDecision, describeAnswer } from "../../../src/tui/approval_options.ts";

const at = { threadId: "t", turnId: "u", itemId: "i" };
const command = "item/commandExecution/requestApproval";
const amendment = { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["git", "push"] } };

const rows: readonly { name: string; method: string; params: unknown; keys: string | null }[] = [
  {
    name: "the answers that the server offers",
    method: command,
    params: { ...at, command: "git push", availableDecisions: ["accept", amendment, "cancel"] },
    keys: "ypn",
  },
  {
    name: "no offer, but a proposed rule",
    method: command,
    params: { ...at, proposedExecpolicyAmendment: ["git"] },
    keys: "ypn",
  },
  { name: "no offer at all", method: command, params: at, keys: "yn" },
  { name: "an empty offer", method: command, params: { ...at, availableDecisions: [] }, keys: "yn" },
  {
    name: "an offer without cancel",
    method: command,
    params: { ...at, availableDecisions: ["accept", "decline"] },
    keys: "yn",
  },
  {
    name: "all plain answers",
    method: command,
    params: { ...at, availableDecisions: ["accept", "acceptForSession", "decline", "cancel"] },
    keys: "yadn",
  },
  {
    name: "a patch",
    method: "item/fileChange/requestApproval",
    params: { ...at, reason: null, grantRoot: null },
    keys: "yan",
  },
  {
    name: "an unknown answer is never offered",
    method: command,
    params: { ...at, availableDecisions: ["runAsRoot"] },
    keys: null,
  },
  { name: "params of another shape", method: command, params: { threadId: 1 }, keys: null },
  { name: "another request", method: "item/tool/call", params: at, keys: null },
];

for (const { name, method, params, keys } of rows) {
  Deno.test(`findApproval() and approvalOptions(): ${name}`, () => {
    const approval = findApproval({ id: 0, method, params });
    assert.equal(approval && approvalOptions(approval).map((option) => option.key).join(""), keys);
  });
}

Deno.test("cancelDecision() is the strongest no that the server offers", () => {
  const ask = (decisions: readonly string[]): unknown => {
    const approval = findApproval({ id: 0, method: command, params: { ...at, availableDecisions: decisions } });
    return approval && cancelDecision(approval);
  };
  assert.deepEqual([ask(["accept", "decline", "cancel"]), ask(["accept", "decline"]), ask(["accept"])], [
    "cancel",
    "decline",
    "cancel",
  ]);
});

Deno.test("describeAnswer() names the command without its shell, cut to one line", () => {
  const approval = findApproval({
    id: 0,
    method: command,
    params: { ...at, command: `/bin/bash -lc 'echo ${"x".repeat(90)}'` },
  });
  assert.ok(approval);
  assert.deepEqual(describeAnswer(approval, "accept"), {
    good: true,
    text: `You allowed echo ${"x".repeat(54)}… this time`,
  });
});
