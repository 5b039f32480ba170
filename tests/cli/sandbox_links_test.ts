// `codex sandbox` in a workspace whose protected names are symbolic links.
import assert from "node:assert/strict";
import { whyNoSandbox } from "../sandbox/house.ts";
import type { RunResult } from "../support/process.ts";
import { makeSandbox } from "./command.ts";
import { ordinaryUser } from "./ordinary_user.ts";

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

const { ignore, inUserHouse } = ordinaryUser(why);
if (!ignore) {
  Deno.test("codex sandbox keeps protected names that are links for an ordinary user", () =>
    inUserHouse(async (house) => {
      await makeLinks(house.workspace);
      await house.own();
      check(await house.codex(["sandbox", "--full-auto", "--", "sh", "-c", SCRIPT]));
    }));
}
