import assert from "node:assert/strict";
import { authorizeUpgrade } from "../../../src/auth/authorize.ts";
import { loadAuthPolicy, OPEN } from "../../../src/auth/policy.ts";
import { CodexError } from "../../../src/base/errors.ts";

const FILES: Readonly<Record<string, string>> = {
  "/t/plain": "tok",
  "/t/newline": "tok\n",
  "/t/spaces": "  tok \r\n",
  "/t/two": "tok\nmore",
  "/t/one": "x",
  "/t/empty": "",
  "/t/blank": " \n\t ",
  "/t/binary": "a\uFFFDb",
};

function readText(path: string): Promise<string> {
  const text = FILES[path];
  return text === undefined ? Promise.reject(new Error("No such file or directory")) : Promise.resolve(text);
}

Deno.test("loadAuthPolicy() reads the token file and ignores white space around the token", async () => {
  const rows: [string, string, boolean][] = [
    ["/t/plain", "tok", true],
    ["/t/newline", "tok", true],
    ["/t/spaces", "tok", true],
    ["/t/two", "tok", false],
    ["/t/one", "x", true],
  ];
  for (const [tokenFile, token, allowed] of rows) {
    const policy = await loadAuthPolicy({ mode: "capability-token", tokenFile }, readText);
    assert.equal((await authorizeUpgrade(policy, `Bearer ${token}`)).allowed, allowed, tokenFile);
  }
  assert.equal(await loadAuthPolicy(null, readText), OPEN);
});

Deno.test("loadAuthPolicy() ends the start when the secret cannot be used", async () => {
  const rows: [Parameters<typeof loadAuthPolicy>[0], RegExp][] = [
    [{ mode: "capability-token", tokenFile: "tok" }, /the path is not absolute/],
    [
      { mode: "capability-token", tokenFile: "/t/nope" },
      /^failed to read websocket auth secret \/t\/nope: No such file/,
    ],
    [{ mode: "capability-token", tokenFile: "/t/empty" }, /^websocket auth secret \/t\/empty must not be empty$/],
    [{ mode: "capability-token", tokenFile: "/t/blank" }, /^websocket auth secret \/t\/blank must not be empty$/],
    [{ mode: "capability-token", tokenFile: "/t/binary" }, /stream did not contain valid UTF-8$/],
    [{ mode: "signed-bearer-token" }, /Cannot use signed bearer tokens/],
  ];
  for (const [request, message] of rows) {
    await assert.rejects(loadAuthPolicy(request, readText), (error) => {
      assert.ok(error instanceof CodexError);
      assert.equal(error.code, "AUTH_SETUP");
      assert.match(error.message, message);
      return true;
    });
  }
});
