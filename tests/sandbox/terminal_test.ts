// Commands on a pseudo-terminal, sandboxed and bare: it is one, it is the command's own, and keys do what they do.
import { deepEqual, equal, match } from "node:assert/strict";
import { House, whyNoSandbox } from "./house.ts";
import { outputUntil } from "../support/session_output.ts";

const skipReason = await whyNoSandbox();

for (const bare of [false, true]) {
  const where = bare ? "bare" : "sandboxed";
  const options = { tty: true, bare };
  const ignore = skipReason !== null;

  Deno.test({
    ignore,
    name: `terminal: a ${where} command has a terminal of 24 by 80`,
    async fn(): Promise<void> {
      await using house = new House();
      const { output, exitCode } = await house.run("[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && stty size; exit 7", options);
      deepEqual([output, exitCode], ["24 80\r\n", 7]);
    },
  });

  Deno.test({
    ignore,
    name: `terminal: what is typed reaches a ${where} command, with every character whole`,
    async fn(): Promise<void> {
      await using house = new House();
      const session = await house.start('stty -echo; echo ready; read line; echo "got $line"', options);
      await outputUntil(session, /ready/);
      await session.write("grüße 🌍\n");
      match(await outputUntil(session, /got [^\n]*\n/), /got grüße 🌍\n/);
      equal((await session.exited).exitCode, 0);
    },
  });

  Deno.test({
    ignore,
    name: `terminal: Ctrl-C is for the ${where} command to handle`,
    async fn(): Promise<void> {
      await using house = new House();
      const script = "trap 'echo interrupted; exit 9' INT; echo ready; sleep 300 & wait";
      const session = await house.start(script, options);
      await outputUntil(session, /ready/);
      await session.write("\x03");
      equal((await session.exited).exitCode, 9);
      match(session.aggregatedOutput(), /interrupted/);
    },
  });

  Deno.test({
    ignore,
    name: `terminal: Ctrl-C ends a ${where} command that does not handle it, Ctrl-D its input`,
    async fn(): Promise<void> {
      await using house = new House();
      const sleeper = await house.start("echo ready; exec sleep 300", options);
      await outputUntil(sleeper, /ready/);
      await sleeper.write("\x03");
      equal((await sleeper.exited).exitCode, 130);
      const reader = await house.start("echo ready; cat; echo end", options);
      await outputUntil(reader, /ready/);
      await reader.write("\x04");
      equal((await reader.exited).exitCode, 0);
    },
  });

  Deno.test({
    ignore,
    name: `terminal: a ${where} command is free to open its terminal, much output comes complete`,
    async fn(): Promise<void> {
      await using house = new House();
      const { output } = await house.run("echo direct > /dev/tty; seq 20000", options);
      const lines = output.split("\r\n");
      deepEqual([lines[0], lines[1], lines[20000], lines.length], ["direct", "1", "20000", 20002]);
    },
  });
}

Deno.test({
  ignore: skipReason !== null,
  name: "exec: a command on pipes has no input and cannot be written to",
  async fn(): Promise<void> {
    await using house = new House();
    equal((await house.run("cat; echo end")).output, "end\n");
    const session = await house.start("echo up; sleep 300");
    await session.outputReady();
    const error = await session.write("x").then(() => null, (error: unknown) => error);
    match(String(error), /its input is closed/);
  },
});
