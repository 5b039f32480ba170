import { deepEqual, equal, rejects } from "node:assert/strict";
import { attendPlainProcess } from "../../../src/host/attended_process.ts";

const PROGRAM = new URL("../../support/attend_plain.ts", import.meta.url).pathname;

function attend(script: string, ...words: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", PROGRAM, "/bin/sh", "-c", script, "sh", ...words],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

Deno.test("attendPlainProcess() gives words, environment and streams through, and the exit code back", async () => {
  const child = attend('printf "%s|" "$@" "$ONLY" "$HOME"; read line; echo "$line"; exit 9', "a b", "");
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("typed\n"));
  await writer.close();
  const { code, stdout } = await child.output();
  deepEqual([code, new TextDecoder().decode(stdout)], [9, "a b||this||typed\n"]);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGUSR1"] as const) {
  Deno.test(`attendPlainProcess() hands ${signal} on, and the command's answer is the exit code`, async () => {
    const child = attend(`trap 'exit 7' ${signal.slice(3)}; echo ready; read line`);
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill(signal);
    equal((await child.status).code, 7);
    await reader.cancel();
    await child.stdin.close();
  });
}

Deno.test("attendPlainProcess() the command has no descriptor but the three", async () => {
  const words = [Deno.execPath(), "run", "-A", "--quiet", "--no-check", PROGRAM, "/bin/ls", "/proc/self/fd"];
  const args = ["-c", 'exec 9</etc/passwd; "$@"; ls /proc/self/fd | tail -1', "sh", ...words];
  const { stdout } = await new Deno.Command("/bin/sh", { args, stdin: "null" }).output();
  // The fourth is the folder that is read; the shell itself shows that there was one more.
  equal(new TextDecoder().decode(stdout), "0\n1\n2\n3\n9\n");
});

Deno.test("attendPlainProcess() a command that dies of a signal is 128 and its number", async () => {
  const child = attend("kill -KILL $$");
  await child.stdin.close();
  equal((await child.output()).code, 137);
});

Deno.test("attendPlainProcess() a program that is not there is an error with a reason", async () => {
  await rejects(attendPlainProcess({ argv: ["/nonexistent/x"], cwd: "/", environment: {} }), {
    code: "EXEC_FAILED",
    message: /^Cannot run "\/nonexistent\/x": /,
  });
});
