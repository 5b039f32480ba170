import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { createMessageHistory } from "../../../src/store/message_history.ts";
import { tempFolder } from "../../support/temp_folder.ts";

Deno.test("MessageHistory appends a line for its owner only, and reads the last ones", async () => {
  await using home = await tempFolder();
  const history = createMessageHistory({ codexHome: home.path, persistence: "save-all" });
  assert.deepEqual(await history.last(5), []);
  await history.append({ sessionId: "s1", at: 1795375661, text: "one\ntwo" });
  assert.equal(await home.read("history.jsonl"), '{"session_id":"s1","ts":1795375661,"text":"one\\ntwo"}\n');
  assert.equal((await Deno.stat(`${home.path}/history.jsonl`)).mode! & 0o777, 0o600);

  await Deno.chmod(`${home.path}/history.jsonl`, 0o644);
  await Deno.writeTextFile(`${home.path}/history.jsonl`, "torn {\n", { append: true });
  await history.append({ sessionId: "s2", at: 2, text: "three" });
  assert.equal((await Deno.stat(`${home.path}/history.jsonl`)).mode! & 0o777, 0o600);
  assert.deepEqual((await history.last(9)).map((entry) => entry.text), ["one\ntwo", "three"]);
  assert.deepEqual(await history.last(1), [{ sessionId: "s2", at: 2, text: "three" }]);
});

Deno.test("MessageHistory writes nothing with persistence none, and says when it cannot", async () => {
  await using home = await tempFolder();
  await createMessageHistory({ codexHome: home.path, persistence: "none" }).append({
    sessionId: "s",
    at: 1,
    text: "x",
  });
  await assert.rejects(Deno.stat(`${home.path}/history.jsonl`));
  await assert.rejects(
    createMessageHistory({ codexHome: `${home.path}/missing`, persistence: "save-all" })
      .append({ sessionId: "s", at: 1, text: "x" }),
    (error) => error instanceof CodexError && error.code === "STORE_FAILED",
  );
});
