// Clients that come: handshakes a second with each mode of authentication, and how soon a second client has a thread
// on which a turn is running.

import { connectWebSocket, startWebSocketServer } from "../support/json_rpc.ts";
import { makeJwt } from "../support/jwt.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import type { CommandLine } from "../support/process.ts";
import { rawRequest, UPGRADE_HEADERS } from "../support/raw_websocket.ts";
import { type Scratch, testEnv } from "../support/workspace.ts";
import type { Figure } from "./figures.ts";

const ROUNDS = 7;
const ROUND_MS = 400;
/** Clients that come at a time. */
const LANES = 4;
const SECRET = "0123456789abcdef0123456789abcdef";
const TURNS_BEFORE = 10;
const RESUMES = 15;

interface Sides {
  ours: CommandLine;
  reference: CommandLine;
  scratch: Scratch;
}

export async function measureHandshakes({ ours, reference, scratch }: Sides): Promise<Figure[]> {
  const file = `${scratch.path}/secret`;
  await Deno.writeTextFile(file, SECRET, { mode: 0o600 });
  const token = await makeJwt({ claims: { exp: Math.floor(Date.now() / 1000) + 3600 }, secret: SECRET });
  const modes = [
    ["no authentication", [], []],
    ["a capability token", ["--ws-auth", "capability-token", "--ws-token-file", file], [bearer(SECRET)]],
    ["a signed token", ["--ws-auth", "signed-bearer-token", "--ws-shared-secret-file", file], [bearer(token)]],
  ] as const;
  const figures: Figure[] = [];
  for (const [name, args, headers] of modes) {
    await using cleanup = new AsyncDisposableStack();
    const open = async (line: CommandLine): Promise<number> => {
      const home = await Deno.makeTempDir({ dir: scratch.path, prefix: "home" });
      const { server, url } = await startWebSocketServer(line, { env: testEnv(home), args: [...args] });
      cleanup.use(server);
      return Number(new URL(url).port);
    };
    const ports = { mine: await open(ours), theirs: await open(reference) };
    const samples = { mine: [] as number[], theirs: [] as number[] };
    for (let round = -1; round < ROUNDS; round++) {
      for (const side of ["mine", "theirs"] as const) {
        const rate = await handshakesPerSecond(ports[side], [...UPGRADE_HEADERS, ...headers]);
        if (round >= 0) samples[side].push(rate);
      }
    }
    figures.push({
      name: `handshakes with ${name}, ${LANES} at a time`,
      unit: "per second",
      ours: { name: "codex", values: samples.mine },
      other: { name: "reference", values: samples.theirs },
      atLeast: 1,
    });
  }
  return figures;
}

function bearer(token: string): string {
  return `Authorization: Bearer ${token}`;
}

async function handshakesPerSecond(port: number, headers: readonly string[]): Promise<number> {
  const start = performance.now();
  let count = 0;
  await Promise.all(Array.from({ length: LANES }, async () => {
    while (performance.now() - start < ROUND_MS) {
      const { status } = await rawRequest(port, "GET / HTTP/1.1", headers);
      if (status !== 101) throw new Error(`The handshake was answered ${status}`);
      count++;
    }
  }));
  return count * 1000 / (performance.now() - start);
}

/** The first client stays: the reference lets go of a thread that nobody follows. */
export async function measureResume({ ours, reference, scratch }: Sides): Promise<Figure[]> {
  return [{
    name: `thread/resume of a thread with ${TURNS_BEFORE} turns and one that runs`,
    unit: "ms",
    ours: { name: "codex", values: await resumes(ours, scratch) },
    other: { name: "reference", values: await resumes(reference, scratch) },
    atMost: 1,
  }];
}

async function resumes(line: CommandLine, scratch: Scratch): Promise<number[]> {
  await using cleanup = new AsyncDisposableStack();
  const model = await startModelStandIn();
  cleanup.defer(() => model.close());
  const name = crypto.randomUUID();
  const workspace = await scratch.workspace(`ws_${name}`);
  const home = await scratch.home(`home_${name}`, { baseUrl: model.baseUrl, trusted: [workspace] });
  const { server, url } = await startWebSocketServer(line, { cwd: workspace, env: testEnv(home) });
  cleanup.use(server);
  const first = cleanup.use(await connectWebSocket(url));
  await first.initialize();
  const { thread } = await first.request("thread/start", { cwd: workspace });
  for (let turn = 0; turn < TURNS_BEFORE; turn++) await first.turn(thread.id, `${turn} %md`);
  const input = [{ type: "text", text: "%slow:10000", text_elements: [] }];
  await first.request("turn/start", { threadId: thread.id, input });
  const values: number[] = [];
  for (let round = -2; round < RESUMES; round++) {
    const client = await connectWebSocket(url);
    await client.initialize();
    const start = performance.now();
    await client.request("thread/resume", { threadId: thread.id });
    if (round >= 0) values.push(performance.now() - start);
    await client.close();
  }
  return values;
}
