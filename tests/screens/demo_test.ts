// The demo as a person sees it: started in a terminal, one request, the patch approved, left with /quit.

import assert from "node:assert/strict";
import { projectRoot } from "../support/codex_under_test.ts";
import { openTerminal } from "../support/tmux.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";

Deno.test({
  name: "the demo in a terminal says that it has no model, plays a turn and cleans up",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    await using scratch = await makeScratch();
    const temporary = `${scratch.path}/tmp`;
    await Deno.mkdir(temporary);
    const env = { ...testEnv(`${scratch.path}/unused_home`), TMPDIR: temporary };
    const binary = Deno.env.get("CODEX_TEST_BINARY");
    const args = [
      "run",
      "-A",
      "--no-check",
      "--config",
      `${projectRoot()}deno.json`,
      `${projectRoot()}tests/demo/main.ts`,
    ];
    await using terminal = await openTerminal(
      { command: Deno.execPath(), args: [...args, ...(binary ? [binary] : [])] },
      { cwd: projectRoot(), env, columns: 110 },
    );
    await terminal.waitFor([/SCRIPTED STAND-IN/, /gpt-5\.4/, /›/]);
    await terminal.submit(
      "please add my wish",
      async () => /scripted stand-in, not a model/.test(await terminal.history()),
    );
    await terminal.waitFor([/writing is refused/, /asked for: please add my wish/, /\(y\)/i]);
    await terminal.press("y");
    await terminal.waitFor(/Summary from the scripted stand-in: I read todo\.md/);
    await terminal.submit("/quit", async () => await terminal.exitCode() !== undefined);
    assert.equal(await terminal.waitForExit(), 0);
    await terminal.waitFor(/Demo over/);
    const left = await Array.fromAsync(Deno.readDir(temporary));
    assert.deepEqual(left.map((entry) => entry.name).filter((name) => name.startsWith("codex-demo")), []);
  },
});
