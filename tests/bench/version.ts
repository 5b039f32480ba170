// How long `codex --version` takes, against a compiled hello world of the same deno and against the command that
// users of the reference run.

import { type CommandLine, run } from "../support/process.ts";
import type { Figure } from "./figures.ts";

const RUNS = 31;

/** Compiles a hello world the way build.ts compiles the product; its path as a command. */
export async function buildHello(folder: string): Promise<CommandLine> {
  await Deno.writeTextFile(`${folder}/hello.js`, 'console.log("hello");\n');
  const args = ["compile", "-A", "--quiet", "--no-check", "--no-config", "--no-lock", "--no-code-cache"];
  const result = await run({ command: Deno.execPath(), args: [...args, "--output", "hello", "hello.js"] }, {
    cwd: folder,
    timeoutMs: 120_000,
  });
  if (result.code !== 0) throw new Error(`Cannot compile hello: ${result.stderr}`);
  return { command: `${folder}/hello`, args: [] };
}

export async function measureVersion(
  sides: { ours: CommandLine; hello: CommandLine; launcher: CommandLine },
): Promise<Figure[]> {
  const ours: number[] = [];
  const hello: number[] = [];
  const launcher: number[] = [];
  for (let turn = -1; turn < RUNS; turn++) {
    const round = [
      [ours, sides.ours, ["--version"]],
      [hello, sides.hello, []],
      [launcher, sides.launcher, ["--version"]],
    ] as const;
    for (const [samples, line, args] of round) {
      const ms = await time(line, [...args]);
      // The first round warms the page cache.
      if (turn >= 0) samples.push(ms);
    }
  }
  const mine = { name: "codex --version", values: ours };
  return [
    {
      name: "--version against hello world",
      unit: "ms",
      ours: mine,
      other: { name: "hello", values: hello },
      atMost: 1.3,
    },
    {
      name: "--version against the npm-installed reference",
      unit: "ms",
      ours: mine,
      other: { name: "reference --version", values: launcher },
      atMost: 0.5,
    },
  ];
}

async function time(line: CommandLine, args: string[]): Promise<number> {
  const start = performance.now();
  const { success } = await new Deno.Command(line.command, {
    args: [...line.args, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const ms = performance.now() - start;
  if (!success) throw new Error(`${line.command} ${args.join(" ")} failed`);
  return ms;
}
