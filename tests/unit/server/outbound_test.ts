import assert from "node:assert/strict";
import type { ServerNotification } from "../../../src/protocol/server_notifications.ts";
import type { MessageStream } from "../../../src/rpc/message_stream.ts";
import { createOutbound, type Outbound, OUTBOUND_LIMITS, type OutboundLimits } from "../../../src/server/outbound.ts";

/** A reader whose speed the test sets: `bufferedBytes` is what it has not taken. */
class SlowStream implements MessageStream {
  readonly sent: string[] = [];
  bufferedBytes = 0;
  readonly incoming: AsyncIterable<never> = ReadableStream.from([]);
  readonly closed = new Promise<never>(() => {});

  send(text: string): void {
    this.sent.push(text);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const LIMITS: OutboundLimits = {
  highWaterBytes: 10,
  maxWaitingBytes: 5_000,
  paceBytes: 1_000,
  paceStallMs: 60_000,
  maxMergedBytes: 1_000,
  pollMs: 0,
};

function setUp(limits: OutboundLimits = LIMITS): { stream: SlowStream; outbound: Outbound; overflows: string[] } {
  const stream = new SlowStream();
  const overflows: string[] = [];
  return {
    stream,
    overflows,
    outbound: createOutbound(stream, { onOverflow: (reason) => void overflows.push(reason), limits }),
  };
}

function delta(itemId: string, text: string): ServerNotification {
  return {
    method: "item/agentMessage/delta",
    params: { threadId: "t", turnId: "u", itemId, delta: text },
  };
}

function send(outbound: Outbound, event: ServerNotification): void {
  outbound.sendEvent({ event, text: JSON.stringify(event) });
}

function shape(sent: readonly string[]): string[] {
  return sent.map((text) => {
    const message = JSON.parse(text);
    return message.params?.delta === undefined ? text : `${message.params.itemId}:${message.params.delta}`;
  });
}

async function drained(stream: SlowStream, count: number): Promise<void> {
  while (stream.sent.length < count) await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("createOutbound() passes everything as it is to a reader that keeps up", () => {
  const { stream, outbound } = setUp();
  for (const text of ["a", "b"]) send(outbound, delta("i", text));
  outbound.send("1");
  assert.deepEqual(shape(stream.sent), ["i:a", "i:b", "1"]);
});

Deno.test("createOutbound() joins adjacent deltas of one item for a slow reader, and only those", async () => {
  const { stream, outbound } = setUp();
  stream.bufferedBytes = 11;
  for (const [item, text] of [["i", "a"], ["i", "b"], ["j", "c"], ["i", "d"]] as const) {
    send(outbound, delta(item, text));
  }
  outbound.send("1");
  send(outbound, delta("i", "e"));
  const reasoning = (contentIndex: number, text: string): ServerNotification => ({
    method: "item/reasoning/textDelta",
    params: { threadId: "t", turnId: "u", itemId: "r", contentIndex, delta: text },
  });
  for (const [index, text] of [[0, "f"], [0, "g"], [1, "h"]] as const) send(outbound, reasoning(index, text));
  assert.deepEqual(stream.sent, []);
  stream.bufferedBytes = 0;
  await drained(stream, 7);
  assert.deepEqual(shape(stream.sent), ["i:ab", "j:c", "i:d", "1", "i:e", "r:fg", "r:h"]);
});

Deno.test("createOutbound() does not grow a joined delta past its bound", async () => {
  const { stream, outbound } = setUp({ ...LIMITS, maxMergedBytes: 130 });
  stream.bufferedBytes = 11;
  const size = JSON.stringify(delta("i", "")).length;
  const piece = "x".repeat(Math.floor((130 - size) / 2));
  for (let count = 0; count < 4; count++) send(outbound, delta("i", piece));
  stream.bufferedBytes = 0;
  await drained(stream, 2);
  assert.deepEqual(shape(stream.sent), [`i:${piece}${piece}`, `i:${piece}${piece}`]);
});

Deno.test("createOutbound() gives up on a reader once more than the limit waits; one message may be of any size", () => {
  const { stream, outbound, overflows } = setUp();
  stream.bufferedBytes = 11;
  outbound.send("w");
  outbound.send("x".repeat(9_000));
  assert.deepEqual(overflows, []);
  outbound.send("y");
  assert.deepEqual(overflows, ["reader too slow: more than 5000 bytes wait"]);
  stream.bufferedBytes = 0;
  outbound.send("z");
  outbound.flush();
  assert.deepEqual(stream.sent, []);
});

Deno.test("createOutbound() lets makers of messages wait for a reader that is behind, not for one that takes nothing", async () => {
  const { stream, outbound } = setUp({ ...LIMITS, paceStallMs: 20 });
  assert.equal(outbound.pace(), "ahead");
  stream.bufferedBytes = 11;
  outbound.send("x".repeat(900));
  assert.equal(outbound.pace(), "ahead");
  outbound.send("x".repeat(900));
  const behind = outbound.pace();
  assert.ok(behind instanceof Promise);
  stream.bufferedBytes = 0;
  await behind;
  assert.equal(stream.sent.length, 2);
  stream.bufferedBytes = 11;
  outbound.send("x".repeat(2_000));
  await outbound.pace();
  assert.equal(stream.sent.length, 2, "it waits still");
  assert.equal(outbound.pace(), "stalled");
  stream.bufferedBytes = 0;
  outbound.stop();
  assert.equal(outbound.pace(), "stalled", "nobody is there any more");
});

Deno.test("createOutbound() brings 20,000 deltas to a reader that is slow for a while, exactly and in few messages", async () => {
  const { stream, outbound, overflows } = setUp(OUTBOUND_LIMITS);
  let expected = "";
  for (let count = 0; count < 20_000; count++) {
    stream.bufferedBytes = count < 5_000 ? 0 : OUTBOUND_LIMITS.highWaterBytes + 1;
    send(outbound, delta("i", `${count} `));
    expected += `${count} `;
  }
  outbound.send("end");
  stream.bufferedBytes = 0;
  await drained(stream, 5_002);
  assert.equal(stream.sent.pop(), "end");
  assert.equal(stream.sent.map((text) => JSON.parse(text).params.delta).join(""), expected);
  assert.ok(stream.sent.length < 5_010);
  assert.deepEqual(overflows, []);
});

Deno.test("createOutbound() counts bytes, and what keeping many small messages costs", () => {
  const { stream, outbound } = setUp();
  stream.bufferedBytes = 11;
  outbound.send("aä€😀");
  assert.equal(outbound.waitingBytes, 1 + 2 + 3 + 4);
  outbound.flush();
  assert.equal(outbound.waitingBytes, 0);
  for (let count = 0; count < 10; count++) outbound.send("b");
  assert.deepEqual(stream.sent, ["aä€😀"]);
  assert.equal(outbound.waitingBytes, 10);
  for (let count = 0; count < 15; count++) outbound.send("b");
  assert.equal(outbound.waitingBytes, 0, "25 messages of one byte cost more than 5000 bytes");
});

Deno.test("createOutbound() keeps everything but the cuts between deltas, whatever the speed of the reader", async () => {
  const random = makeRandom(7);
  for (let round = 0; round < 200; round++) {
    const { stream, outbound, overflows } = setUp({
      ...LIMITS,
      maxWaitingBytes: 10_000_000,
      maxMergedBytes: 2_000,
    });
    const expected: string[] = [];
    let merged = 0;
    for (let count = 0; count < 400; count++) {
      stream.bufferedBytes = random() < 0.97 ? 11 : 0;
      if (stream.bufferedBytes === 0 && random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 0));
      const item = random() < 0.9 ? "i" : "j";
      if (random() < 0.9) {
        send(outbound, delta(item, `${count} `));
        const last = expected.at(-1);
        if (last?.startsWith(`${item}:`)) {
          expected[expected.length - 1] = `${last}${count} `;
          merged++;
        } else expected.push(`${item}:${count} `);
      } else {
        outbound.send(`${count}`);
        expected.push(`${count}`);
      }
    }
    outbound.flush();
    // Cuts between deltas of one item are as may be.
    const heard = shape(stream.sent).reduce<string[]>((lines, line) => {
      const [item] = /^[ij]:/.exec(line) ?? [];
      if (item && lines.at(-1)?.startsWith(item)) lines.push(lines.pop() + line.slice(2));
      else lines.push(line);
      return lines;
    }, []);
    assert.deepEqual(heard, expected, `round ${round}`);
    assert.ok(merged > 0);
    assert.deepEqual(overflows, []);
  }
});

/** mulberry32: the same numbers for the same seed. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
