// `apply_patch`: check the patch against the files, ask if the policy wants it, write, tell. The same for a patch
// that the model gave to the shell. Every path is judged with its links followed, by the sandbox's own plan.
import { messageOf } from "../../base/errors.ts";
import { applyPlan, type PatchPlan, planPatch, staysInside } from "../../workspace/patch_apply.ts";
import { parsePatch } from "../../workspace/patch_parse.ts";
import { askPatch, type FileChangeItem } from "../approval.ts";
import { PATCH_GRAMMAR } from "./patch_grammar.ts";
import { turnSandbox } from "./turn_sandbox.ts";
import type { Tool, ToolCall, ToolContext } from "./tool.ts";

export const applyPatch: Tool = {
  isParallel: false,

  spec: {
    type: "custom",
    name: "apply_patch",
    description: "Edit files with a patch. The input is the patch itself, not JSON.",
    format: { type: "grammar", syntax: "lark", definition: PATCH_GRAMMAR },
  },

  async run(call, context): Promise<string> {
    return (await runPatch(call, context, { patch: call.input, cwd: context.settings.cwd })).output;
  },
};

export interface PatchText {
  readonly patch: string;
  /** Absolute; the patch's paths start here. */
  readonly cwd: string;
}

export interface PatchResult {
  /** The text for the model. */
  readonly output: string;
}

export async function runPatch(call: ToolCall, context: ToolContext, text: PatchText): Promise<PatchResult> {
  let plan: PatchPlan;
  try {
    plan = await planPatch(parsePatch(text.patch), { cwd: text.cwd });
  } catch (error) {
    // wire: models know the beginning of this sentence.
    return { output: `apply_patch verification failed: ${messageOf(error)}` };
  }
  const { turn } = context;
  turn.signal.throwIfAborted();
  const judgement = await judgePatch(plan, context);
  if (judgement === "refuse") {
    return { output: "patch rejected: it writes outside of the writable folders, and nobody may be asked" };
  }
  const item: FileChangeItem = {
    type: "fileChange",
    id: call.callId,
    changes: [...plan.changes],
    status: "inProgress",
  };
  turn.startItem(item);
  if (judgement === "ask") {
    const verdict = await askPatch(context, item);
    switch (verdict.type) {
      case "accepted":
        if (verdict.forSession) context.cache.allowFiles(pathsOf(plan));
        // Interrupted since the answer: nothing is written.
        if (turn.signal.aborted) await turn.completeItem({ ...item, status: "declined" });
        turn.signal.throwIfAborted();
        break;
      case "cancelled":
        turn.interrupt();
        turn.signal.throwIfAborted();
        break;
      case "declined":
        return { output: "patch rejected by user" };
      case "unanswered":
        return { output: "patch not applied: the person could not be asked" };
    }
  }
  return { output: await applyAndTell(plan, item, context) };
}

function pathsOf(plan: PatchPlan): string[] {
  return plan.files.map((file) => file.path);
}

async function judgePatch(plan: PatchPlan, context: ToolContext): Promise<"run" | "ask" | "refuse"> {
  const { approvalPolicy } = context.settings;
  if (context.cache.allowsFiles(pathsOf(plan))) return "run";
  if (approvalPolicy === "untrusted") return "ask";
  const sandbox = turnSandbox(context);
  const isFree = sandbox === null ||
    await staysInside(plan, { roots: sandbox.writable, exceptions: sandbox.protected });
  if (isFree) return "run";
  if (approvalPolicy === "never") return "refuse";
  if (typeof approvalPolicy === "object" && !approvalPolicy.granular.sandbox_approval) return "refuse";
  return "ask";
}

async function applyAndTell(plan: PatchPlan, item: FileChangeItem, context: ToolContext): Promise<string> {
  const { turn, clock } = context;
  const startedMs = clock.nowMs();
  const outcome = await applyPlan(plan);
  const seconds = Math.round((clock.nowMs() - startedMs) / 100) / 10;
  const printed = outcome.success ? outcome.stdout : outcome.stderr;
  if (printed !== "") turn.emit({ method: "item/fileChange/outputDelta", params: { itemId: item.id, delta: printed } });
  const done: FileChangeItem = { ...item, status: outcome.success ? "completed" : "failed" };
  if (outcome.success) context.diff.add(plan);
  await turn.completeItem(done, { stdout: outcome.stdout, stderr: outcome.stderr });
  const diff = await context.diff.text();
  if (diff !== "") turn.emit({ method: "turn/diff/updated", params: { diff } });
  // wire: the form in which results of patches reach the model.
  return `Exit code: ${outcome.success ? 0 : 1}\nWall time: ${seconds} seconds\nOutput:\n${printed}`;
}
