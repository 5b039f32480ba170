// `codex sandbox --print-plan`: plan, final command line and profile as JSON, for people who look before they run.
// Plans of other platforms are printed too; their command lines only where no system of theirs is needed to make them,
// as for macOS.
import { messageOf } from "../../base/errors.ts";
import type { OperatingSystem, Platform } from "../../host/platform.ts";
import { describeLaunch } from "../../sandbox/describe_launch.ts";
import { SYSTEM_DISK } from "../../sandbox/macos/launch.ts";
import type { SandboxPlan } from "../../sandbox/plan.ts";
import type { CliContext } from "../command.ts";
import type { SandboxChoice } from "../sandbox_choice.ts";
import { sandboxFinder } from "./sandbox_launch.ts";

export interface PlanToPrint {
  readonly choice: SandboxChoice;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** What the plan is for, and what this is. */
  readonly wanted: OperatingSystem;
  readonly platform: Platform;
  readonly context: CliContext;
  /** CODEX_HOME: remembers which bubblewrap worked. */
  readonly home: string;
}

export async function printSandboxPlan(options: PlanToPrint): Promise<void> {
  const { choice, argv, wanted, context } = options;
  const answer = {
    platform: wanted,
    decidedBy: choice.source,
    plan: choice.plan,
    command: argv,
    launch: choice.plan === null ? { argv } : await describePlan(choice.plan, options),
  };
  context.printStdout(`${JSON.stringify(answer, null, 2)}\n`);
}

async function describePlan(plan: SandboxPlan, options: PlanToPrint): Promise<unknown> {
  const { argv, cwd, wanted, platform, context } = options;
  if (wanted === "macos") return await describeMacPlan(plan, options);
  if (wanted !== platform.os) return { unavailable: `only ${wanted} can tell its command line` };
  try {
    const launcher = await sandboxFinder(options).find(plan);
    const launch = await launcher.prepare(plan, { argv, cwd, env: context.environment, ownTerminal: false });
    await launch.release();
    return describeLaunch(launch.spec, { environment: context.environment, architecture: platform.arch });
  } catch (error) {
    // A reviewer wants the plan all the same.
    return { unavailable: messageOf(error) };
  }
}

/** With the profile by lines. Nothing of a Mac is needed for it but, to resolve links, its disk. */
async function describeMacPlan(plan: SandboxPlan, { argv, cwd, platform, context }: PlanToPrint): Promise<unknown> {
  const { describeSeatbelt } = await import("../../sandbox/macos/describe_seatbelt.ts");
  const command = { argv, cwd, env: context.environment };
  try {
    if (platform.os !== "macos") return describeSeatbelt(plan, command);
    const { resolveForSeatbelt } = await import("../../sandbox/macos/resolve_plan.ts");
    const resolved = await resolveForSeatbelt({ ...plan, cwd }, SYSTEM_DISK);
    return describeSeatbelt(resolved, command, { isResolved: true });
  } catch (error) {
    return { unavailable: messageOf(error) };
  }
}
