// The agent's plan: arguments of `update_plan` to what `turn/plan/updated` carries.
import type { TurnPlanStep, TurnPlanUpdatedNotification } from "../protocol/types/turn.ts";

const STATUSES: Readonly<Record<string, TurnPlanStep["status"]>> = {
  pending: "pending",
  in_progress: "inProgress",
  completed: "completed",
};

export type Plan = Pick<TurnPlanUpdatedNotification, "explanation" | "plan">;

/** Returns the plan, or the reason why these arguments are none. */
export function parsePlan(args: Readonly<Record<string, unknown>>): Plan | string {
  const { explanation, plan } = args;
  if (plan === undefined) return "missing field `plan`";
  if (!Array.isArray(plan)) return "invalid type: expected a list for `plan`";
  if (explanation !== undefined && explanation !== null && typeof explanation !== "string") {
    return "invalid type: expected a string for `explanation`";
  }
  const steps: TurnPlanStep[] = [];
  for (const entry of plan) {
    const { step, status } = typeof entry === "object" && entry !== null ? entry as Record<string, unknown> : {};
    if (typeof step !== "string") return "missing field `step`";
    const known = typeof status === "string" ? STATUSES[status] : undefined;
    if (known === undefined) {
      return `unknown variant \`${String(status)}\`, expected one of \`pending\`, \`in_progress\`, \`completed\``;
    }
    steps.push({ step, status: known });
  }
  return { explanation: explanation ?? null, plan: steps };
}
