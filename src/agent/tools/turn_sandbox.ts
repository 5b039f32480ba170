// The sandbox plan of a turn: its policy, its folder, and the environment that its commands get.
import { planSandbox, type SandboxPlan } from "../../sandbox/plan.ts";
import type { ToolContext } from "./tool.ts";

export type SandboxContext = Pick<ToolContext, "settings" | "codexHome" | "environment">;

/** Null when the policy asks for none. */
export function turnSandbox({ settings, codexHome, environment }: SandboxContext): SandboxPlan | null {
  return planSandbox(settings.sandbox, {
    cwd: settings.cwd,
    tmpdir: environment["TMPDIR"] ?? null,
    codexHome,
    home: environment["HOME"] ?? null,
  });
}
