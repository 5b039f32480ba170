// Start of the program. `--version` answers with nothing else loaded; the rest is src/cli.
import { VERSION } from "./src/protocol/version.ts";
import { SANDBOX_STAGE_WORD } from "./src/host/own_program.ts";
import { isStderrTerminal, isStdinTerminal, isStdoutTerminal, printStderr, printStdout } from "./src/host/stdio.ts";

const [first, ...others] = Deno.args;
if ((first === "--version" || first === "-V") && others.length === 0) {
  printStdout(`codex-cli ${VERSION}\n`);
} else if (first === SANDBOX_STAGE_WORD) {
  const { runSandboxStage } = await import("./src/sandbox/stages.ts");
  Deno.exit(await runSandboxStage(others));
} else {
  const { runCli } = await import("./src/cli/run.ts");
  const { currentFolder, readEnvironment } = await import("./src/host/env.ts");
  const exitCode = await runCli(Deno.args, {
    environment: readEnvironment(),
    folder: currentFolder(),
    isStdinTerminal: isStdinTerminal(),
    isStdoutTerminal: isStdoutTerminal(),
    isStderrTerminal: isStderrTerminal(),
    printStdout,
    printStderr,
  });
  Deno.exit(exitCode);
}
