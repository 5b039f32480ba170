// What `codex sandbox windows setup|status|remove` will do. Pure.
import type { CommandName } from "./commands.ts";
import type { LowFlags } from "./shared_flags.ts";

export interface WindowsSetupArgs {
  readonly kind: "windowsSetup";
  readonly action: "setup" | "status" | "remove";
  readonly dryRun: boolean;
}

const ACTIONS = {
  sandboxWindowsSetup: "setup",
  sandboxWindowsStatus: "status",
  sandboxWindowsRemove: "remove",
} as const satisfies Partial<Record<CommandName, WindowsSetupArgs["action"]>>;

export type WindowsSetupCommand = keyof typeof ACTIONS;

export function isWindowsSetupCommand(name: CommandName): name is WindowsSetupCommand {
  return Object.hasOwn(ACTIONS, name);
}

export function decideWindowsSetup(command: WindowsSetupCommand, flags: LowFlags): WindowsSetupArgs {
  return { kind: "windowsSetup", action: ACTIONS[command], dryRun: flags.dryRun === true };
}
