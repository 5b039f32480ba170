// `codex sandbox` in a workspace whose protected names are symbolic links, as the user of the tests and, with the binary
// and as root, as a user without any rights.
import assert from "node:assert/strict";
import { AS_NOBODY, NOBODY, whyNoSandbox } from "../sandbox/house.ts";
import { codexCommand, testsBinary } from "../support/codex_under_test.ts";
import { run, type RunResult } from "../support/process.ts";
import { testEnv } from "../support/workspace.ts";
import { makeSandbox } from "./command.ts";

const why = await whyNoSandbox();
if (why !== null) Deno.test.ignore(`codex sandbox is not tested with links here: ${why}`, () => {});

const SCRIPT = "cat .git/HEAD; touch .git/config; rm .git; ln -sfn /etc .codex; mkdir gone; touch free && echo free";
const REFUSALS = /config'?: Read-only file system\n.*\.git'?: Device or resource busy\n.*busy\n.*gone.*\n$/;

function check({ code, stdout, stderr }: RunResult): void {
  assert.match(stderr, REFUSALS);
  assert.equal(stdout, "ref\nfree\n");
  assert.equal(code, 0);
}

async function makeLinks(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/real`);
  await Deno.writeTextFile(`${folder}/real/HEAD`, "ref\n");
  await Deno.symlink("real", `${folder}/.git`);
  await Deno.symlink("gone", `${folder}/.codex`);
}

if (why === null) {
  Deno.test("codex sandbox keeps protected names that are links, and what they lead to", async () => {
    await using sandbox = await makeSandbox();
    await makeLinks(sandbox.folder);
    check(await sandbox.codex(["sandbox", "--full-auto", "--", "sh", "-c", SCRIPT]));
  });
}

if (why === null && testsBinary() && Deno.uid() === 0) {
  Deno.test("codex sandbox keeps protected names that are links for an ordinary user", async () => {
    const folder = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "codex-links-test-" });
    try {
      const [program, home, workspace] = [`${folder}/codex`, `${folder}/home`, `${folder}/ws`];
      await Deno.copyFile(codexCommand().command, program);
      await Deno.mkdir(home);
      await Deno.mkdir(workspace);
      await makeLinks(workspace);
      for (const path of [folder, home, workspace, `${workspace}/real`]) await Deno.chown(path, NOBODY, NOBODY);
      const [command = "", ...args] = [...AS_NOBODY, program, "sandbox", "--full-auto", "--", "sh", "-c", SCRIPT];
      check(await run({ command, args }, { cwd: workspace, env: testEnv(home) }));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
