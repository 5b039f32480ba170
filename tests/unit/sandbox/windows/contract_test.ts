import assert from "node:assert/strict";
import { CodexError } from "../../../../src/base/errors.ts";
import {
  decodeOnly,
  encodeFrame,
  FrameReader,
  type LaunchRequest,
  MAX_FRAME_BYTES,
} from "../../../../src/sandbox/windows/contract.ts";

const request: LaunchRequest = {
  command: ["cmd", "/c", "exit 7"],
  cwd: "C:\\ws",
  env: { PATH: "C:\\Windows" },
  terminal: null,
  mergeOutput: false,
  timeoutMs: null,
  launcherPid: 42,
  confinement: {
    capabilitySids: ["S-1-5-21-1-2-3-4"],
    allowWrite: [{ path: "C:\\ws", sid: "S-1-5-21-1-2-3-4" }],
    denyWrite: [],
    privateDesktop: true,
  },
  logon: null,
};

function raw(value: unknown): Uint8Array {
  const body = typeof value === "string"
    ? new TextEncoder().encode(value)
    : new TextEncoder().encode(JSON.stringify(value));
  const bytes = new Uint8Array(4 + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length, true);
  bytes.set(body, 4);
  return bytes;
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof CodexError && error.code === "SANDBOX_UNAVAILABLE");
    return error.message.replace("Cannot follow the sandbox contract: ", "");
  }
  throw new assert.AssertionError({ message: "nothing was refused" });
}

Deno.test("a launch request survives the way there and back", () => {
  assert.deepEqual(decodeOnly("launch", encodeFrame("launch", request)), request);
});

Deno.test("FrameReader takes frames in any pieces", () => {
  const all = [...encodeFrame("stdin", { data_b64: "YQ==" }), ...encodeFrame("stdin_end", {})];
  const reader = new FrameReader();
  const frames = all.flatMap((byte) => reader.push(Uint8Array.of(byte)));
  reader.end();
  assert.deepEqual(frames, [{ type: "stdin", payload: { data_b64: "YQ==" } }, { type: "stdin_end", payload: {} }]);
});

Deno.test("FrameReader refuses what is no frame of this version", () => {
  const rows: readonly (readonly [Uint8Array, RegExp])[] = [
    [raw({ version: 2, type: "launch", payload: request }), /^version 2, not 1$/],
    [raw({ type: "launch", payload: request }), /^version null, not 1$/],
    [raw({ version: 1, type: "run", payload: {} }), /unknown type "run"/],
    [raw({ version: 1, type: "toString", payload: {} }), /unknown type "toString"/],
    [raw({ version: 1, type: "launch", payload: { ...request, command: [] } }), /wrong shape at \/command/],
    [raw({ version: 1, type: "launch", payload: { ...request, cwd: "ws" } }), /wrong shape at \/cwd/],
    [raw({ version: 1, type: "launch", payload: { ...request, extra: 1 } }), /wrong shape/],
    [raw({ version: 1, type: "spawn_request", payload: request }), /wrong shape/],
    [raw("[1,"), /no JSON/],
    [raw("null"), /version null/],
    [Uint8Array.of(1, 0, 0, 0, 0xff), /no JSON/],
    [Uint8Array.of(0, 0, 0, 0), /no JSON/],
    [Uint8Array.of(1, 0, 0x80, 0), /a frame of 8388609 bytes, more than 8388608/],
    [Uint8Array.of(0xff, 0xff, 0xff, 0xff), /more than 8388608/],
  ];
  for (const [bytes, why] of rows) assert.match(refusal(() => new FrameReader().push(bytes)), why);
});

Deno.test("decodeOnly() wants exactly one whole frame of its type", () => {
  const frame = encodeFrame("launch", request);
  assert.match(refusal(() => decodeOnly("launch", frame.subarray(0, -1))), /cut short/);
  assert.match(refusal(() => decodeOnly("launch", frame.subarray(0, 3))), /cut short/);
  assert.match(refusal(() => decodeOnly("launch", Uint8Array.of())), /0 frames, not one/);
  assert.match(refusal(() => decodeOnly("launch", Uint8Array.of(...frame, ...frame))), /2 frames, not one/);
  assert.match(refusal(() => decodeOnly("launch", encodeFrame("stdin_end", {}))), /"stdin_end" where "launch" belongs/);
});

Deno.test("encodeFrame() makes nothing that the other side refuses", () => {
  assert.match(refusal(() => encodeFrame("launch", { ...request, cwd: "/posix" })), /wrong shape at \/cwd/);
  const large = { data_b64: "A".repeat(MAX_FRAME_BYTES) };
  assert.match(refusal(() => encodeFrame("stdin", large)), /more than 8388608/);
});
