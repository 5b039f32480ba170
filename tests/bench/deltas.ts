// A turn of 20,000 deltas at full speed to one WebSocket client: it must arrive exactly, while the reference cuts
// the client off.

import { connectWebSocket, type RawClient, startWebSocketServer } from "../support/json_rpc.ts";
import { deltaTexts } from "../support/model_script.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import type { CommandLine } from "../support/process.ts";
import { type Scratch, testEnv } from "../support/workspace.ts";
import type { Figure } from "./figures.ts";

const DELTAS = 20_000;
const RUNS = 3;

interface Sides {
  ours: CommandLine;
  reference: CommandLine;
  scratch: Scratch;
}

interface Outcome {
  ms: number;
  exact: boolean;
  note: string;
}

export async function measureDeltas({ ours, reference, scratch }: Sides): Promise<Figure[]> {
  const outcomes: Outcome[] = [];
  for (let turn = 0; turn < RUNS; turn++) {
    outcomes.push(await once(ours, scratch, `ours_${turn}_${crypto.randomUUID()}`));
  }
  const theirs = await once(reference, scratch, `reference_${crypto.randomUUID()}`);
  return [{
    name: `a turn of ${DELTAS} deltas to one WebSocket client arrives exactly`,
    unit: "ms",
    ours: { name: "codex", values: outcomes.map((outcome) => outcome.ms) },
    holds: outcomes.every((outcome) => outcome.exact),
    note: `ours: ${outcomes.map((outcome) => outcome.note).join("; ")}. reference: ${theirs.note}`,
  }];
}

async function once(line: CommandLine, scratch: Scratch, name: string): Promise<Outcome> {
  await using cleanup = new AsyncDisposableStack();
  const model = await startModelStandIn();
  cleanup.defer(() => model.close());
  const workspace = await scratch.workspace(`ws_${name}`);
  const home = await scratch.home(`home_${name}`, { baseUrl: model.baseUrl, trusted: [workspace] });
  const { server, url } = await startWebSocketServer(line, { cwd: workspace, env: testEnv(home) });
  cleanup.use(server);
  const client = cleanup.use(await connectWebSocket(url));
  await client.initialize();
  const { thread } = await client.request("thread/start", { cwd: workspace });
  const start = performance.now();
  try {
    await client.turn(thread.id, `%deltas:${DELTAS}`);
  } catch {
    const ms = performance.now() - start;
    const closed = client.closed === undefined ? "no end of the turn" : `cut off (close ${client.closed.code})`;
    return { ms, exact: false, note: `${closed} after ${Math.round(ms)} ms` };
  }
  const ms = performance.now() - start;
  return { ms, ...compare(client) };
}

function compare(client: RawClient): { exact: boolean; note: string } {
  const wanted = deltaTexts(DELTAS).join("");
  const pieces = client.notifications("item/agentMessage/delta").map((message) => message.params.delta as string);
  const whole = client.notifications("item/completed").map((message) => message.params.item)
    .find((item) => item.type === "agentMessage")?.text;
  const exact = pieces.join("") === wanted && whole === wanted;
  return { exact, note: `${exact ? "exact" : "NOT exact"}, ${pieces.length} delta messages` };
}
