import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { resolveCodexHome } from "../../../src/config/codex_home.ts";

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("resolveCodexHome() takes CODEX_HOME when it is a folder, links and relative paths resolved", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/home`);
    await Deno.symlink(`${folder}/home`, `${folder}/link`);
    for (const configured of [`${folder}/home`, `${folder}/home/`, "home", `${folder}/link`]) {
      assert.equal(await resolveCodexHome({ CODEX_HOME: configured, HOME: "/nowhere" }, folder), `${folder}/home`);
    }
    assert.deepEqual(await Array.fromAsync(Deno.readDir(`${folder}/home`)), []);
  });
});

Deno.test("resolveCodexHome() makes ~/.codex for its owner alone", async () => {
  await withFolder(async (folder) => {
    assert.equal(await resolveCodexHome({ HOME: folder, CODEX_HOME: "" }, "/"), `${folder}/.codex`);
    assert.equal(((await Deno.stat(`${folder}/.codex`)).mode ?? 0) & 0o777, 0o700);
    assert.equal(await resolveCodexHome({ HOME: folder }, "/"), `${folder}/.codex`);
  });
});

Deno.test("resolveCodexHome() says what is wrong and what to do", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const rows: [Record<string, string>, RegExp, RegExp][] = [
      [{ CODEX_HOME: `${folder}/none` }, /^CODEX_HOME points to ".*\/none", but that path does not exist$/, /mkdir -p/],
      [{ CODEX_HOME: `${folder}/file` }, /^CODEX_HOME points to ".*", but that path is not a directory$/, /unset it/],
      [{ CODEX_HOME: "/proc" }, /^Cannot write in "\/proc": /, /CODEX_HOME writable/],
      [{ HOME: `${folder}/file` }, /^Cannot make the folder ".*\/file\/\.codex": /, /set CODEX_HOME/],
      [{}, /^Cannot find the home folder: HOME is not set$/, /Set HOME/],
    ];
    for (const [environment, message, hint] of rows) {
      await assert.rejects(resolveCodexHome(environment, folder), (error) => {
        assert.ok(error instanceof CodexError);
        assert.equal(error.code, "HOME_UNUSABLE");
        assert.match(error.message, message);
        assert.match(error.hint ?? "", hint);
        return true;
      });
    }
  });
});
