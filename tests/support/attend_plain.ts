// Attends the command line it is given, as `codex sandbox` does on platforms without calls of their own, and ends with
// its exit code. Run as a program by tests: signals are for a process.
import { attendPlainProcess } from "../../src/host/attended_process.ts";

const exitCode = await attendPlainProcess({
  argv: Deno.args,
  cwd: Deno.cwd(),
  environment: { ONLY: "this", PATH: "/usr/bin:/bin" },
});
Deno.exit(exitCode);
