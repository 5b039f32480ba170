// A process that runs one sandboxed command and can be killed in the middle of it. Arguments: workspace, `tty` or
// `pipes`, script. Prints what the command prints.
import { readPlatform } from "../../src/host/platform.ts";
import { createLocalExecSessions } from "../../src/exec/local_sessions.ts";
import { planFor } from "./house.ts";

const [workspace = "", streams, script = ""] = Deno.args;
const environment = { PATH: "/usr/local/bin:/usr/bin:/bin", TERM: "xterm", LC_ALL: "C" };
const sessions = createLocalExecSessions({
  platform: readPlatform(),
  environment,
  nowMs: () => performance.now(),
  home: null,
  windows: () => Promise.resolve({ level: "unelevated", privateDesktop: true }),
});
const session = await sessions.start({
  argv: ["/bin/bash", "-c", script],
  cwd: workspace,
  env: environment,
  tty: streams === "tty",
  sandbox: planFor(workspace),
}, (chunk) => void Deno.stdout.writeSync(new TextEncoder().encode(chunk)));
const { exitCode } = await session.exited;
// No Deno.exit: the caretaker of the mount points must not keep this process.
Deno.exitCode = exitCode;
