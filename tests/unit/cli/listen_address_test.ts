// The recorded values of `--listen`: taken, or refused with the recorded reason.
import assert from "node:assert/strict";
import { type ListenAddress, parseListenAddress } from "../../../src/cli/listen_address.ts";

const taken: [text: string, address: ListenAddress][] = [
  ["stdio://", { kind: "stdio" }],
  ["off", { kind: "off" }],
  ["ws://127.0.0.1:0", { kind: "websocket", secure: false, host: "127.0.0.1", port: 0 }],
  ["ws://0.0.0.0:4500", { kind: "websocket", secure: false, host: "0.0.0.0", port: 4500 }],
  ["wss://127.0.0.1:1", { kind: "websocket", secure: true, host: "127.0.0.1", port: 1 }],
  ["unix:///run/codex.sock", { kind: "unix", path: "/run/codex.sock" }],
  ["ws://[::1]:65535", { kind: "websocket", secure: false, host: "::1", port: 65535 }],
];
for (const [text, address] of taken) {
  Deno.test(`parseListenAddress() takes ${text}`, () => assert.deepEqual(parseListenAddress(text), address));
}

const refused: [text: string, reason: "unsupported" | "invalid"][] = [
  ["", "unsupported"],
  ["foo", "unsupported"],
  ["stdio", "unsupported"],
  ["http://127.0.0.1:1", "unsupported"],
  ["WS://127.0.0.1:1", "unsupported"],
  ["ws://127.0.0.1", "invalid"],
  ["ws://localhost:1234", "invalid"],
  ["ws://127.0.0.1:1/", "invalid"],
  ["ws://127.0.0.1:1/x", "invalid"],
  ["ws://127.0.0.1:70000", "invalid"],
  ["ws://127.0.0.256:1", "invalid"],
  ["ws://127.0.1:1", "invalid"],
  ["ws://::1:1", "invalid"],
  ["ws://[127.0.0.1]:1", "invalid"],
];
for (const [text, reason] of refused) {
  Deno.test(`parseListenAddress() refuses "${text}"`, () => {
    const why = reason === "unsupported"
      ? `unsupported --listen URL \`${text}\`; expected \`stdio://\`, \`ws://IP:PORT\`, or \`off\``
      : `invalid websocket --listen URL \`${text}\`; expected \`ws://IP:PORT\``;
    assert.throws(() => parseListenAddress(text), { message: `invalid value '${text}' for '--listen <URL>': ${why}` });
  });
}
