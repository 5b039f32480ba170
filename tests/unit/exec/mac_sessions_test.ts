// Commands of an agent as they run on a Mac: over the calls of its C library, with the terminal stage in the place of
// setsid(1), and with Seatbelt's launcher. In the place of sandbox-exec stands a program that runs the command line behind
// "--", so nothing is confined here: that is for tests/sandbox/macos_test.ts.
import { deepEqual, equal, match } from "node:assert/strict";
import type { ExecSession, ExecSessions } from "../../../src/exec/session.ts";
import { createExecSessions } from "../../../src/exec/sessions.ts";
import { stageCommand } from "../../../src/host/own_program.ts";
import type { PreparedLaunch } from "../../../src/sandbox/launcher.ts";
import { createSeatbeltLauncher } from "../../../src/sandbox/macos/launch.ts";
import { SANDBOX_EXEC } from "../../../src/sandbox/macos/seatbelt_text.ts";
import { openMacCalls } from "../../support/mac_calls.ts";
import { planFor } from "../../sandbox/house.ts";
import { outputUntil } from "../../support/session_output.ts";

const STAND_IN = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n';

interface Mac extends AsyncDisposable {
  start(script: string, options: { tty: boolean; bare: boolean }): Promise<ExecSession>;
}

async function makeMac(): Promise<Mac> {
  const folder = await Deno.makeTempDir();
  const standIn = `${folder}/sandbox-exec`;
  await Deno.writeTextFile(standIn, STAND_IN, { mode: 0o755 });
  const launcher = createSeatbeltLauncher({ startProxies: () => Promise.reject(new Error("no proxy was asked for")) });
  const sessions: ExecSessions = createExecSessions({
    launchers: {
      find: () =>
        Promise.resolve({
          async prepare(plan, command): Promise<PreparedLaunch> {
            const launch = await launcher.prepare(plan, command);
            const argv = launch.spec.argv.map((word) => word === SANDBOX_EXEC ? standIn : word);
            return { ...launch, spec: { ...launch.spec, argv } };
          },
        }),
    },
    libc: openMacCalls,
    nowMs: () => performance.now(),
    terminalLeader: stageCommand("terminal"),
  });
  return {
    start: (script, { tty, bare }) =>
      sessions.start({
        argv: ["/bin/bash", "-c", script],
        cwd: folder,
        env: { PATH: "/usr/bin:/bin", LC_ALL: "C", HOME: folder },
        tty,
        sandbox: bare ? null : planFor(folder),
      }, () => {}),
    async [Symbol.asyncDispose](): Promise<void> {
      await sessions.terminateAll();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

for (const bare of [false, true]) {
  const where = bare ? "bare" : "sandboxed";

  Deno.test(`on a Mac a ${where} command on pipes: both streams in order, and its exit code`, async () => {
    await using mac = await makeMac();
    const session = await mac.start('echo a; echo b >&2; echo "c $CODEX_SANDBOX"; exit 7', { tty: false, bare });
    equal((await session.exited).exitCode, 7);
    equal(session.aggregatedOutput(), bare ? "a\nb\nc \n" : "a\nb\nc seatbelt\n");
  });

  Deno.test(`on a Mac a ${where} command on a terminal: it leads a session with it, has its keys, and ends`, async () => {
    await using mac = await makeMac();
    const script = "trap 'echo interrupted; exit 9' INT; stty size; ps -o tty=,sid= -p $$ | tr -s ' '; echo $$; " +
      "ls /proc/self/fd | tr '\\n' ' '; echo ready; sleep 300 & wait";
    const session = await mac.start(script, { tty: true, bare });
    const output = (await outputUntil(session, /ready/)).replaceAll("\r", "");
    match(output, /^24 80\npts\/\d+ (\d+)\n\1\n0 1 2 3 ready\n$/);
    await session.write("\x03");
    equal((await session.exited).exitCode, 9);
    match(session.aggregatedOutput(), /interrupted/);
  });
}

// Half of the four pairs: each waits for the time between TERM and KILL.
for (const options of [{ tty: true, bare: false }, { tty: false, bare: true }]) {
  Deno.test(`on a Mac a command that heeds no signal ends when it is told to: ${JSON.stringify(options)}`, async () => {
    await using mac = await makeMac();
    const session = await mac.start("trap '' TERM HUP; echo ready; sleep 300 & wait", options);
    await outputUntil(session, /ready/);
    await session.terminate();
    equal(session.exit?.exitCode, 137);
  });
}

Deno.test("on a Mac what a sandboxed command leaves in the background ends with it", async () => {
  await using mac = await makeMac();
  const session = await mac.start("sleep 300 >/dev/null 2>&1 & echo $!", { tty: false, bare: false });
  deepEqual([(await session.exited).exitCode], [0]);
  const pid = Number(session.aggregatedOutput());
  const { success } = await new Deno.Command("/bin/sh", { args: ["-c", `kill -0 ${pid}`], stderr: "null" }).output();
  equal(success && !(await Deno.readTextFile(`/proc/${pid}/stat`)).includes(") Z "), false);
});
