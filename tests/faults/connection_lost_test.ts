// The server dies under an attached terminal UI and comes back on the same address: the screen and the draft stay,
// the thread is there again, and the next turn works.

import assert from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { startWebSocketServer } from "../support/json_rpc.ts";
import { PLAIN_TEXT } from "../support/model_script.ts";
import { openTerminal } from "../support/tmux.ts";
import { testEnv } from "../support/workspace.ts";
import { makeFixture } from "./fixture.ts";

Deno.test({
  name: "kill -9 of the server in the middle of an answer: the terminal UI waits, reconnects and goes on",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    await using fixture = await makeFixture();
    const env = testEnv(fixture.home);
    const first = await startWebSocketServer(codexCommand(), { cwd: fixture.workspace, env });
    await using _first = first.server;
    const codex = codexCommand();
    await using terminal = await openTerminal(
      { command: codex.command, args: [...codex.args, "--remote", first.url] },
      { cwd: fixture.workspace, env },
    );
    await terminal.waitFor(/gpt-5\.4/);
    await say("remember the word heliotrope %plain");
    await terminal.waitFor([/heliotrope/, new RegExp(PLAIN_TEXT)]);
    await say("talk slowly %slow:1200");
    await terminal.waitFor(/slow-9/);
    first.server.signal("SIGKILL");
    await terminal.waitFor(/reconnect/i);
    await terminal.type("an unsent draft");

    const second = await startWebSocketServer(codexCommand(), { cwd: fixture.workspace, env, listen: first.url });
    await using _second = second.server;
    await terminal.waitFor((text) => !/reconnecting/i.test(text.split("\n").slice(-12).join("\n")));
    await terminal.waitFor([/heliotrope/, /an unsent draft/]);
    await terminal.press("C-u");
    const before = fixture.model.requests.length;
    await say("are you back? %say:back-again");
    await terminal.waitFor(/back-again$/m);
    const heard = JSON.stringify(fixture.model.requests[before]!.body.input);
    assert.match(heard, /heliotrope/, "the thread was not resumed but started anew");

    async function say(text: string): Promise<void> {
      const sent = fixture.model.requests.length;
      await terminal.submit(text, () => fixture.model.requests.length > sent);
    }
  },
});

Deno.test({
  name: "kill -9 of the terminal UI while a question is open: `resume --last` shows it again, and the turn goes on",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    await using fixture = await makeFixture();
    const env = testEnv(fixture.home);
    const { server, url } = await startWebSocketServer(codexCommand(), { cwd: fixture.workspace, env });
    await using _server = server;
    const codex = codexCommand();
    const open = (args: readonly string[]): ReturnType<typeof openTerminal> => {
      const shell = 'echo "pid $$"; exec "$@"';
      return openTerminal(
        { command: "sh", args: ["-c", shell, "sh", codex.command, ...codex.args, ...args, "--remote", url] },
        { cwd: fixture.workspace, env },
      );
    };
    {
      await using first = await open(["-a", "untrusted"]);
      const pid = Number(/pid (\d+)/.exec(await first.waitFor(/pid \d+/))?.[1]);
      await first.waitFor(/gpt-5\.4/);
      await first.submit("make a folder %sh:mkdir asked-for", () => fixture.model.requests.length > 0);
      await first.waitFor([/mkdir asked-for/, /Yes/]);
      Deno.kill(pid, "SIGKILL");
      await first.waitForExit();
    }
    await using second = await open(["resume", "--last"]);
    await second.waitFor([/make a folder/, /mkdir asked-for/, /Yes/]);
    await second.press("y");
    await second.waitFor(/all steps are done/);
    assert.ok((await Deno.stat(`${fixture.workspace}/asked-for`)).isDirectory);
    assert.equal(fixture.model.requests.length, 2);
  },
});
