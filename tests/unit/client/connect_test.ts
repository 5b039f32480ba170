import assert from "node:assert/strict";
import { checkRemoteAddress, type RemoteAddress } from "../../../src/client/connect.ts";
import { CodexError } from "../../../src/base/errors.ts";

const accepted: readonly (readonly [RemoteAddress, string])[] = [
  [{ url: "ws://127.0.0.1:4500" }, "ws://127.0.0.1:4500/"],
  [{ url: "ws://127.0.0.1:4500/" }, "ws://127.0.0.1:4500/"],
  [{ url: "WS://127.0.0.1:4500" }, "ws://127.0.0.1:4500/"],
  [{ url: "ws://[::1]:1" }, "ws://[::1]:1/"],
  [{ url: "wss://example.com:443" }, "wss://example.com/"],
  [{ url: " ws://127.0.0.1:1 " }, "ws://127.0.0.1:1/"],
  [{ url: "ws://user:pw@127.0.0.1:1" }, "ws://127.0.0.1:1/"],
  [{ url: "ws://127.0.0.1:1", token: "a b" }, "ws://127.0.0.1:1/"],
  [{ url: "ws://192.0.2.1:4500" }, "ws://192.0.2.1:4500/"],
  [{ url: "ws://localhost:4500", token: "abc" }, "ws://localhost:4500/"],
  [{ url: "ws://127.0.0.2:1", token: " abc " }, "ws://127.0.0.2:1/"],
  [{ url: "ws://[::1]:1", token: "abc" }, "ws://[::1]:1/"],
  [{ url: "wss://example.com:4500", token: "abc" }, "wss://example.com:4500/"],
];

for (const [address, url] of accepted) {
  Deno.test(`checkRemoteAddress() takes "${address.url}"${address.token ? " with a token" : ""}`, () => {
    assert.equal(checkRemoteAddress(address), url);
  });
}

const otherForms = [
  "http://127.0.0.1:1",
  "https://h:1",
  "127.0.0.1:4500",
  "localhost:4500",
  "ws://127.0.0.1",
  "wss://127.0.0.1",
  "ws://127.0.0.1:1/path",
  "ws://127.0.0.1:1/?q=1",
  "ws://127.0.0.1:1#f",
  "ws://",
  "ws://:4500",
  "ws://127.0.0.1:99999",
  "ws://127.0.0.1:abc",
  "",
  "   ",
  "unix:///tmp/s.sock",
];

for (const url of otherForms) {
  Deno.test(`checkRemoteAddress() refuses "${url}"`, () => {
    const message = `invalid remote address \`${url}\`; expected \`ws://host:port\` or \`wss://host:port\``;
    assert.throws(() => checkRemoteAddress({ url }), new CodexError("USAGE", message));
  });
}

for (const url of ["ws://192.0.2.1:4500", "ws://example.com:4500", "ws://127.evil.com:1"]) {
  Deno.test(`checkRemoteAddress() keeps a token from "${url}"`, () => {
    const message = `remote auth tokens require \`wss://\` or loopback \`ws://\` URLs; got \`${url}/\``;
    assert.throws(() => checkRemoteAddress({ url, token: "abc" }), new CodexError("USAGE", message));
  });
}

Deno.test("checkRemoteAddress() never prints the token", () => {
  assert.throws(
    () => checkRemoteAddress({ url: "ws://127.0.0.1:1", token: "se\ncret" }),
    (error: Error) => !error.message.includes("cret"),
  );
});
