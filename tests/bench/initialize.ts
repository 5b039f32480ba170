// How long it takes from spawning `codex app-server` until `initialize` is answered, over stdio and over a
// WebSocket, each time with a fresh empty CODEX_HOME.

import { connectStdio, connectWebSocket, startWebSocketServer } from "../support/json_rpc.ts";
import type { CommandLine } from "../support/process.ts";
import { testEnv } from "../support/workspace.ts";
import type { Figure } from "./figures.ts";

const RUNS = 21;

interface Sides {
  ours: CommandLine;
  reference: CommandLine;
  folder: string;
}

export async function measureInitialize({ ours, reference, folder }: Sides): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, once] of [["stdio", overStdio], ["WebSocket", overWebSocket]] as const) {
    const mine: number[] = [];
    const theirs: number[] = [];
    for (let turn = -1; turn < RUNS; turn++) {
      for (const [samples, line] of [[mine, ours], [theirs, reference]] as const) {
        const home = await Deno.makeTempDir({ dir: folder, prefix: "home" });
        const ms = await once(line, home);
        if (turn >= 0) samples.push(ms);
      }
    }
    figures.push({
      name: `spawn to initialize answered, ${name}, empty home`,
      unit: "ms",
      ours: { name: "codex", values: mine },
      other: { name: "reference (native)", values: theirs },
      atMost: 1,
    });
  }
  return figures;
}

async function overStdio(line: CommandLine, home: string): Promise<number> {
  const start = performance.now();
  const { client } = connectStdio(line, { env: testEnv(home) });
  try {
    await client.initialize();
    return performance.now() - start;
  } finally {
    await client.close();
  }
}

async function overWebSocket(line: CommandLine, home: string): Promise<number> {
  const start = performance.now();
  const { server, url } = await startWebSocketServer(line, { env: testEnv(home) });
  try {
    const client = await connectWebSocket(url);
    await client.initialize();
    const ms = performance.now() - start;
    await client.close();
    return ms;
  } finally {
    await server.stop();
  }
}
