import assert from "node:assert/strict";
import { createSocketStream } from "../../../src/rpc/socket_stream.ts";

/** An open socket of which only what the stream uses is there. */
class FakeSocket extends EventTarget {
  readonly readyState = WebSocket.OPEN;
  readonly bufferedAmount = 0;
  readonly closes: [number, string][] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  close(code: number, reason: string): void {
    this.closes.push([code, reason]);
  }
}

Deno.test("createSocketStream() closes with 1013 when nobody reads, and what came before is still read", async () => {
  const socket = new FakeSocket();
  const stream = createSocketStream(socket as unknown as WebSocket);
  // A quarter of the bound each: the fifth has no room.
  const text = JSON.stringify("x".repeat(16 * 1024 * 1024 - 2));
  for (let count = 0; count < 6; count++) socket.onmessage?.({ data: text });
  assert.deepEqual(socket.closes, [[1013, "too many messages wait to be read"]]);
  socket.onclose?.({ code: 1013, reason: "" });
  let read = 0;
  for await (const incoming of stream.incoming) if (incoming.kind === "message") read++;
  assert.equal(read, 4);
  assert.deepEqual(await stream.closed, { code: 1013, reason: "too many messages wait to be read" });
});

Deno.test("createSocketStream() closes with 1009 at a message of more bytes than it may have, and hears nothing after", async () => {
  const rows = [["12345678", "123456789"], ['"ééé"', '"éééé"'], ['"😀xx"', '"😀xxx"']] as const;
  for (const [fits, over] of rows) {
    const socket = new FakeSocket();
    const stream = createSocketStream(socket as unknown as WebSocket, 8);
    for (const data of [fits, over, "1"]) socket.onmessage?.({ data });
    assert.deepEqual(socket.closes, [[1009, "message is too big"]]);
    socket.onclose?.({ code: 1009, reason: "" });
    let read = 0;
    for await (const _ of stream.incoming) read++;
    assert.equal(read, 1);
  }
});
