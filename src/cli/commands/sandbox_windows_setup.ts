// `codex sandbox windows setup|status|remove`: each step is printed before it is done, so that what failed is the last
// line. Exit code 0 when all is there (or gone), else 1.
import { CodexError } from "../../base/errors.ts";
import { resolveCodexHome } from "../../config/codex_home.ts";
import { readPlatform } from "../../host/platform.ts";
import type { CliContext } from "../command.ts";
import { EXIT_FAILED, EXIT_OK } from "../exit_codes.ts";
import type { WindowsSetupArgs } from "../windows_setup_args.ts";

export async function runWindowsSetup({ action, dryRun }: WindowsSetupArgs, context: CliContext): Promise<number> {
  if (readPlatform().os !== "windows") {
    throw new CodexError("SANDBOX_UNSUPPORTED", `Cannot run "codex sandbox windows ${action}": this is not Windows`, {
      hint: "The sandboxes of Linux and macOS need no setup: codex sandbox -- COMMAND",
    });
  }
  const codexHome = await resolveCodexHome(context.environment, context.folder);
  const { openWindowsSetup } = await import("../../sandbox/windows/windows_setup.ts");
  const { system, places } = await openWindowsSetup(codexHome);
  const { readSetupState, setUp, takeDown } = await import("../../sandbox/windows/setup.ts");
  if (action === "status") {
    const { isComplete, statusText } = await import("../../sandbox/windows/setup_text.ts");
    const state = await readSetupState(system, places);
    context.printStdout(statusText(state));
    return isComplete(state) ? EXIT_OK : EXIT_FAILED;
  }
  const onStep = (text: string): void => context.printStdout(`${dryRun ? "would " : ""}${text}\n`);
  const run = { system, places, dryRun, onStep };
  const steps = action === "setup" ? await setUp(run) : await takeDown(run);
  context.printStdout(lastLine({ action, dryRun, steps }));
  return EXIT_OK;
}

interface Outcome {
  readonly action: "setup" | "remove";
  readonly dryRun: boolean;
  readonly steps: number;
}

function lastLine({ action, dryRun, steps }: Outcome): string {
  if (steps === 0) return action === "setup" ? "Nothing to do: all is there\n" : "Nothing to do: nothing is there\n";
  if (dryRun) return "Nothing was changed (--dry-run)\n";
  return action === "setup"
    ? 'The elevated sandbox is set up. Choose it with windows.sandbox = "elevated" in config.toml\n'
    : "The elevated sandbox is removed\n";
}
