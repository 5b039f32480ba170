// `update_plan`: the agent shows its plan. Nothing is done but telling the clients.
import { parsePlan } from "../plan.ts";
import { badArguments, parseArguments, type Tool } from "./tool.ts";

export const updatePlan: Tool = {
  isParallel: false,

  spec: {
    type: "function",
    name: "update_plan",
    description:
      "Show or change the plan for the task. Give all of its steps each time, in order; at most one may be " +
      "in_progress.",
    strict: false,
    parameters: {
      type: "object",
      properties: {
        explanation: { type: "string", description: "Why the plan changed, in a sentence." },
        plan: {
          type: "array",
          description: "Every step of the plan.",
          items: {
            type: "object",
            properties: {
              status: { type: "string", description: "pending, in_progress or completed." },
              step: { type: "string", description: "What is done in this step, in a few words." },
            },
            required: ["step", "status"],
            additionalProperties: false,
          },
        },
      },
      required: ["plan"],
      additionalProperties: false,
    },
  },

  run(call, { turn }): Promise<string> {
    const args = parseArguments(call);
    if (typeof args === "string") return Promise.resolve(args);
    const plan = parsePlan(args);
    if (typeof plan === "string") return Promise.resolve(badArguments(call, plan));
    turn.emit({ method: "turn/plan/updated", params: plan });
    return Promise.resolve("Plan updated");
  },
};
