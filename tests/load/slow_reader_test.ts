// A client that never reads, beside one that does, on a real server process and beside the reference: what it costs.
import assert from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket, type RawClient } from "../support/json_rpc.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import type { CommandLine } from "../support/process.ts";
import { dialRaw, textFrame } from "../support/raw_websocket.ts";
import { referenceNativeCommand } from "../support/reference.ts";
import { LOOSE, MIB, residentBytes, say, startHouse } from "./house.ts";

/** What a command prints: lines of 50 characters. */
const PRINTED_BYTES = 50_000_000;
const PRINT = `yes ${"0123456789".repeat(4)}012345678 | head -c ${PRINTED_BYTES}`;
const MAX_GROWTH = 64 * MIB;
const MOST_PAIRS = 3;

async function startThread(client: RawClient, workspace: string): Promise<string> {
  const started = await client.request("thread/start", {
    cwd: workspace,
    sandbox: "danger-full-access",
    approvalPolicy: "never",
  });
  return started.thread.id;
}

/** A connection that resumes the thread and then reads nothing. */
async function stuckReader(port: number, threadId: string): ReturnType<typeof dialRaw> {
  const reader = await dialRaw(port);
  const clientInfo = { name: "stuck", version: "1" };
  await reader.write(textFrame({ method: "initialize", id: 1, params: { clientInfo } }));
  await reader.write(textFrame({ method: "thread/resume", id: 2, params: { threadId } }));
  return reader;
}

interface Watch extends Disposable {
  /** Bytes that the process had more than at the start, at most. */
  readonly growth: number;
}

async function watchMemory(pid: number): Promise<Watch> {
  const before = await residentBytes(pid);
  let most = before;
  const timer = setInterval(async () => most = Math.max(most, await residentBytes(pid).catch(() => 0)), 20);
  return {
    get growth(): number {
      return most - before;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

Deno.test(
  "50 MB of a command to a reader and to one that never reads: exact, and at most 64 MB",
  LOOSE,
  async (context) => {
    const model = await startModelStandIn({
      script: ({ round }) => ({
        kind: "items",
        items: round > 0 ? [{ kind: "text", text: "done" }] : [
          { kind: "call", name: "exec_command", arguments: { cmd: PRINT, yield_time_ms: 30_000 } },
        ],
      }),
    });
    try {
      await using house = await startHouse(codexCommand(), model);
      await using client = await connectWebSocket(house.url);
      await client.initialize();
      const threadId = await startThread(client, house.workspace);
      const play = async (name: string): Promise<number> => {
        using memory = await watchMemory(house.pid);
        const start = performance.now();
        const from = client.log.length;
        await client.turn(threadId, name);
        const ms = performance.now() - start;
        const outputs = client.log.splice(from).filter(({ message }) =>
          message.method === "item/commandExecution/outputDelta"
        );
        const bytes = outputs.reduce((sum, { message }) => sum + message.params.delta.length, 0);
        assert.equal(bytes, PRINTED_BYTES);
        await say(context, `${name}: ${Math.round(ms)} ms, +${Math.round(memory.growth / MIB)} MiB`);
        return memory.growth;
      };
      // The heap of the runtime takes its size with the first ones, and keeps it.
      for (const time of ["first", "second", "third", "fourth"]) await play(`the ${time} time, alone`);
      const growths: number[] = [];
      for (let count = 0; count < 3; count++) {
        await using _reader = await stuckReader(house.port, threadId);
        growths.push(await play("beside a reader that never reads"));
      }
      // When the runtime collects its garbage is its own affair, and garbage only adds: the least is what it takes.
      const growth = Math.min(...growths);
      assert.ok(growth <= MAX_GROWTH, `grew by ${Math.round(growth / MIB)} MiB`);
    } finally {
      await model.close();
    }
  },
);

Deno.test(
  "a reader that never reads while 50 MB stream costs the other nothing and little memory",
  LOOSE,
  async (context) => {
    const piece = `${"x".repeat(2_499)} `;
    const count = 20_000;
    // Four answers of 12.5 MB, with a command after each: one reply of 50 MB is more than a model sends.
    const model = await startModelStandIn({
      script: ({ round }) => ({
        kind: "items",
        items: round >= 4 ? [{ kind: "text", text: "done" }] : [
          { kind: "text", text: piece.repeat(count / 4), deltas: Array.from({ length: count / 4 }, () => piece) },
          { kind: "call", name: "exec_command", arguments: { cmd: "true" } },
        ],
      }),
    });
    try {
      const play = async (
        line: CommandLine,
        stuck: boolean,
      ): Promise<{ ms: number; growth: number; bytes: number }> => {
        await using house = await startHouse(line, model);
        await using client = await connectWebSocket(house.url);
        await client.initialize();
        const threadId = await startThread(client, house.workspace);
        using memory = await watchMemory(house.pid);
        const start = performance.now();
        const from = client.log.length;
        const input = [{ type: "text", text: "go", text_elements: [] }];
        await client.request("turn/start", { threadId, input });
        await using _reader = stuck ? await stuckReader(house.port, threadId) : null;
        await client.waitFor("the end", ({ method }) => method === "turn/completed", { from, timeoutMs: 60_000 })
          .catch(() => {});
        const ms = performance.now() - start;
        const deltas = client.log.slice(from).filter(({ message }) => message.method === "item/agentMessage/delta");
        const bytes = deltas.reduce((sum, { message }) => sum + message.params.delta.length, 0);
        return { ms, growth: memory.growth, bytes };
      };
      const theirs = await play(await referenceNativeCommand(), true);
      const shown = (one: { ms: number; growth: number }): string =>
        `${Math.round(one.ms)} ms, +${Math.round(one.growth / MIB)} MiB`;
      await say(
        context,
        `reference beside such a reader: ${Math.round(theirs.bytes / 1e6)} of 50 MB arrive, ${shown(theirs)}`,
      );
      // What the reader costs is small beside the garbage of both: a pair that is over the bound is measured again.
      let costs = Number.POSITIVE_INFINITY;
      for (let tries = 0; tries < MOST_PAIRS && costs > MAX_GROWTH; tries++) {
        const alone = await play(codexCommand(), false);
        const beside = await play(codexCommand(), true);
        await say(
          context,
          `50 MB: alone ${shown(alone)}; beside a reader that never reads ${shown(beside)} (${tries + 1})`,
        );
        assert.equal(alone.bytes, 50_000_004);
        assert.equal(beside.bytes, 50_000_004);
        assert.ok(beside.ms < 1.5 * alone.ms + 500, `${beside.ms} ms against ${alone.ms} ms`);
        costs = beside.growth - alone.growth;
      }
      assert.ok(costs <= MAX_GROWTH, `${Math.round(costs / MIB)} MiB more`);
    } finally {
      await model.close();
    }
  },
);
