// The sandbox plan of a turn: its policy or permission profile, its folder, and the environment that its commands get.
import { homeFolder, temporaryFolder } from "../../host/env.ts";
import { planProfile } from "../../sandbox/grants.ts";
import { type PlanContext, planSandbox, type SandboxPlan } from "../../sandbox/plan.ts";
import type { ToolContext } from "./tool.ts";

export type SandboxContext = Pick<ToolContext, "settings" | "config" | "codexHome" | "environment">;

/** Null when the policy asks for none. */
export function turnSandbox({ settings, config, codexHome, environment }: SandboxContext): SandboxPlan | null {
  const { allowGitWrites, allowUnixSockets, allowLoopbackPorts } = config.sandboxWorkspaceWrite;
  const context: PlanContext = {
    cwd: settings.cwd,
    tmpdir: temporaryFolder(environment),
    codexHome,
    home: homeFolder(environment),
    extras: { allowGitWrites, unixSockets: allowUnixSockets, loopbackPorts: allowLoopbackPorts },
    variables: environment,
    legacyLandlock: config.legacyLandlock,
  };
  return settings.permissions === null
    ? planSandbox(settings.sandbox, context)
    : planProfile(settings.permissions, context);
}
