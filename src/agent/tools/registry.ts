// THE TABLE of tools, in the order in which the model is told of them, and which of them a model gets.
import type { ModelInfo } from "../../model/catalog.ts";
import { applyPatch } from "./apply_patch.ts";
import { execCommand } from "./exec_command.ts";
import type { Tool } from "./tool.ts";
import { updatePlan } from "./update_plan.ts";
import { writeStdin } from "./write_stdin.ts";

const TOOLS: readonly Tool[] = [execCommand, writeStdin, updatePlan, applyPatch];

export function toolsFor(model: Pick<ModelInfo, "applyPatchTool">): readonly Tool[] {
  return TOOLS.filter((tool) => tool !== applyPatch || model.applyPatchTool);
}

export function findTool(
  tools: readonly Tool[],
  call: { name: string; kind: "function" | "custom" },
): Tool | undefined {
  return tools.find(({ spec }) => spec.type === call.kind && spec.name === call.name);
}
