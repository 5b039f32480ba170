// Every method of the table is spoken in some conversation.
import assert from "node:assert/strict";
import { clientRequests } from "../../src/protocol/client_requests.ts";
import { serverRequests } from "../../src/protocol/server_requests.ts";

Deno.test("every method appears in a conversation", async () => {
  const folder = new URL("golden/", import.meta.url);
  let all = "";
  for await (const entry of Deno.readDir(folder)) all += await Deno.readTextFile(new URL(entry.name, folder));
  const methods = [...Object.keys(clientRequests), ...Object.keys(serverRequests)];
  const missing = methods.filter((method) => !all.includes(`"method":"${method}"`));
  assert.deepEqual(missing, []);
});
