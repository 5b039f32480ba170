import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { createReadFolders, type ReadFolders, refuseReadFolder } from "../../../src/cli/read_folders.ts";
import type { WindowsLevel } from "../../../src/sandbox/windows/windows_plan.ts";

function folders(os: "windows" | "linux" | "macos", level: WindowsLevel): ReadFolders {
  return createReadFolders({ platform: { os }, level: () => Promise.resolve(level) });
}

async function refusal(act: Promise<unknown>): Promise<string> {
  const error = await act.then(() => assert.fail("it was taken"), (cause) => cause);
  assert.ok(error instanceof CodexError);
  return `${error.code}: ${error.message}`;
}

Deno.test("add() opens folders that exist, resolved, each once", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${root}/a`);
    await Deno.symlink(`${root}/a`, `${root}/link`);
    await Deno.writeTextFile(`${root}/file`, "");
    const opened = folders("windows", "elevated");
    assert.equal(await opened.add(`${root}/link`), `${root}/a`);
    await opened.add(`${root}/a`);
    await opened.add(root);
    assert.match(await refusal(opened.add(`${root}/file`)), /^USAGE: Cannot open .* it is not a folder$/);
    assert.match(await refusal(opened.add(`${root}/none`)), /^USAGE: .* it does not exist$/);
    assert.match(await refusal(opened.add("a")), /^USAGE: .* it is not an absolute path$/);
    assert.deepEqual(opened.list(), [`${root}/a`, root]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("add() says why there is nothing to open", async () => {
  for (const os of ["linux", "macos"] as const) {
    const other = folders(os, "elevated");
    assert.match(await refusal(other.add("/")), /^SANDBOX_UNSUPPORTED: .* this is not Windows$/);
    assert.deepEqual(other.list(), []);
  }
  assert.match(
    await refusal(folders("windows", "unelevated").add("/")),
    /^SANDBOX_UNSUPPORTED: .* windows.sandbox is not "elevated"/,
  );
  assert.match(await refusal(refuseReadFolder()), /the server is elsewhere$/);
});
