// Many clients and slow ones, on a real server process, beside the reference in the same run: what holds is asserted,
// the ratios are printed.
import assert from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket, type RawClient } from "../support/json_rpc.ts";
import { deltaTexts } from "../support/model_script.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import { dialRaw, frame } from "../support/raw_websocket.ts";
import { referenceNativeCommand } from "../support/reference.ts";
import { makeScratch } from "../support/workspace.ts";
import { type House, LOOSE, MIB, residentBytes, say, startHouse } from "./house.ts";

const CLIENTS = 5_000;
const REFERENCE_CLIENTS = 500;
/** The share of what idle clients took that need not come back: the code that served them stays compiled. */
const MAY_STAY = 0.15;

interface Idle {
  readonly ms: number;
  readonly bytesEach: number;
  readonly leftBytes: number;
}

async function idleClients(house: House, count: number): Promise<Idle> {
  const warmUp = await Promise.all(Array.from({ length: 20 }, () => dialRaw(house.port)));
  for (const client of warmUp) client.connection.close();
  const before = await residentBytes(house.pid);
  const start = performance.now();
  const clients: Awaited<ReturnType<typeof dialRaw>>[] = [];
  while (clients.length < count) {
    clients.push(
      ...await Promise.all(Array.from({ length: Math.min(100, count - clients.length) }, () => dialRaw(house.port))),
    );
  }
  const ms = performance.now() - start;
  const bytesEach = (await residentBytes(house.pid) - before) / count;
  // All are really there: the first and the last one are answered.
  for (const client of [clients[0]!, clients.at(-1)!]) {
    await client.write(frame(0x89, "x"));
    await client.read((bytes) => bytes.length >= 3);
  }
  for (const client of clients) client.connection.close();
  let left = Number.POSITIVE_INFINITY;
  // The runtime's timers hold closed connections for 14 s.
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    left = Math.min(left, await residentBytes(house.pid) - before);
    if (left < MAY_STAY * bytesEach * count) break;
    // Work makes the collector run: other clients come and go.
    await Promise.all(Array.from({ length: 50 }, async () => (await dialRaw(house.port)).connection.close()));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { ms, bytesEach, leftBytes: left };
}

Deno.test(`${CLIENTS} idle clients come fast, cost little, and leave nothing`, LOOSE, async (context) => {
  const nobody = { baseUrl: "http://127.0.0.1:9/v1" };
  await using scratch = await makeScratch();
  const tokenFile = `${scratch.path}/token`;
  await Deno.writeTextFile(tokenFile, "t", { mode: 0o600 });
  await using open = await startHouse(codexCommand(), nobody);
  const ours = await idleClients(open, CLIENTS);
  await using reference = await startHouse(await referenceNativeCommand(), nobody);
  const theirs = await idleClients(reference, REFERENCE_CLIENTS);
  const each = (idle: Idle): string => `${(idle.bytesEach / 1024).toFixed(1)} KB`;
  await say(
    context,
    `${CLIENTS} clients in ${Math.round(ours.ms)} ms, ${each(ours)} each, ${Math.round(ours.leftBytes / MIB)} MiB left`,
  );
  await say(context, `reference: ${REFERENCE_CLIENTS} clients in ${Math.round(theirs.ms)} ms, ${each(theirs)} each`);
  const ratio = (ours.ms / CLIENTS) / (theirs.ms / REFERENCE_CLIENTS);
  await say(
    context,
    `ratios to the reference: time per client ${ratio.toFixed(2)}, memory ${
      (ours.bytesEach / theirs.bytesEach).toFixed(2)
    }`,
  );
  assert.ok(ours.ms < 5_000, `${ours.ms} ms`);
  assert.ok(ours.bytesEach <= 60 * 1024, `${ours.bytesEach} bytes each`);
  assert.ok(ours.leftBytes < MAY_STAY * ours.bytesEach * CLIENTS, `${ours.leftBytes} bytes stay`);
});

Deno.test("20 subscribers of one fast thread hear the same 20,000 deltas", LOOSE, async (context) => {
  const model = await startModelStandIn();
  try {
    const wanted = deltaTexts(20_000).join("");
    const play = async (house: House): Promise<{ ms: number; exact: number }> => {
      const clients: RawClient[] = [];
      for (let count = 0; count < 20; count++) {
        const client = await connectWebSocket(house.url);
        await client.initialize();
        clients.push(client);
      }
      const [first] = clients;
      const { thread } = await first!.request("thread/start", { cwd: house.workspace });
      await first!.turn(thread.id, "hello %plain");
      for (const client of clients.slice(1)) await client.request("thread/resume", { threadId: thread.id });
      const start = performance.now();
      const from = clients.map((client) => client.log.length);
      const input = [{ type: "text", text: "%deltas:20000", text_elements: [] }];
      await first!.request("turn/start", { threadId: thread.id, input });
      const ends = await Promise.allSettled(
        clients.map((client, at) =>
          client.waitFor("the end", ({ method }) => method === "turn/completed", { from: from[at]!, timeoutMs: 60_000 })
        ),
      );
      const ms = performance.now() - start;
      const exact = clients.filter((client, at) => {
        const deltas = client.log.slice(from[at]).filter(({ message }) => message.method === "item/agentMessage/delta");
        return ends[at]!.status === "fulfilled" &&
          deltas.map(({ message }) => message.params.delta).join("") === wanted;
      }).length;
      for (const client of clients) await client[Symbol.asyncDispose]();
      return { ms, exact };
    };
    await using house = await startHouse(codexCommand(), model);
    const ours = await play(house);
    await using other = await startHouse(await referenceNativeCommand(), model);
    const theirs = await play(other);
    await say(context, `20 subscribers: ${ours.exact} exact in ${Math.round(ours.ms)} ms`);
    await say(context, `reference: ${theirs.exact} of 20 exact in ${Math.round(theirs.ms)} ms`);
    assert.equal(ours.exact, 20);
  } finally {
    await model.close();
  }
});

Deno.test("a message of 63 MiB in fragments is answered, one of 65 is closed with 1009", LOOSE, async () => {
  const model = await startModelStandIn();
  try {
    await using house = await startHouse(codexCommand(), model);
    const spaces = new Uint8Array(MIB).fill(0x20);
    const send = async (client: Awaited<ReturnType<typeof dialRaw>>, mebibytes: number): Promise<void> => {
      await client.write(frame(0x01, '{"method":"account/read"'));
      for (let count = 0; count < mebibytes; count++) await client.write(frame(0x00, spaces));
      await client.write(frame(0x80, ',"id":7}'));
    };
    await using fits = await dialRaw(house.port);
    await send(fits, 63);
    assert.match(new TextDecoder().decode(await fits.read((bytes) => bytes.length > 2)), /"id":7/);
    await using over = await dialRaw(house.port);
    const code = over.closeCode();
    await send(over, 65).catch(() => {}); // it may be closed in the middle
    assert.equal(await code, 1009);
  } finally {
    await model.close();
  }
});

Deno.test("a fragment flood from 1, 4 and 20 connections is bounded while a client works", LOOSE, async (context) => {
  const model = await startModelStandIn();
  try {
    for (const flooders of [1, 4, 20]) {
      await using house = await startHouse(codexCommand(), model);
      await using client = await connectWebSocket(house.url);
      await client.initialize();
      const { thread } = await client.request("thread/start", { cwd: house.workspace });
      await client.turn(thread.id, "hello %plain");
      const before = await residentBytes(house.pid);
      let most = before;
      const watch = setInterval(async () => most = Math.max(most, await residentBytes(house.pid).catch(() => 0)), 5);
      const piece = frame(0x00, new Uint8Array(MIB));
      const codes = await Promise.all([
        client.turn(thread.id, "work %deltas:2000").then(() => "worked"),
        ...Array.from({ length: flooders }, async () => {
          await using flooder = await dialRaw(house.port);
          const code = flooder.closeCode();
          await flooder.write(frame(0x01, "a"));
          try {
            for (let count = 0; count < 4_000; count++) await flooder.write(piece);
            return "4 GB were taken";
          } catch {
            return await code;
          }
        }),
      ]);
      clearInterval(watch);
      const growth = most - before;
      await say(
        context,
        `${flooders} flooders: +${Math.round(growth / MIB)} MiB at most, closed with ${[...new Set(codes.slice(1))]}`,
      );
      assert.equal(codes[0], "worked");
      assert.deepEqual(codes.slice(1).filter((code) => code !== 1009 && code !== null), []);
      assert.ok(growth < 256 * MIB, `grew by ${Math.round(growth / MIB)} MiB`);
    }
  } finally {
    await model.close();
  }
});
