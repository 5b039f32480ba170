import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { applyPlan, planPatch, staysInside, writtenPaths } from "../../../src/workspace/patch_apply.ts";
import { hostPatchFiles, type PatchFiles } from "../../../src/workspace/patch_files.ts";
import { parsePatch } from "../../../src/workspace/patch_parse.ts";
import { type TempFolder, tempFolder } from "../../support/temp_folder.ts";

const wrap = (body: string): string => `*** Begin Patch\n${body}*** End Patch\n`;

async function names(folder: TempFolder): Promise<string[]> {
  const found: string[] = [];
  async function walk(path: string): Promise<void> {
    for await (const entry of Deno.readDir(`${folder.path}/${path}`)) {
      if (entry.isDirectory) await walk(`${path}${entry.name}/`);
      else found.push(path + entry.name);
    }
  }
  await walk("");
  return found.sort();
}

Deno.test("planPatch() and applyPlan() add, move and delete as recorded", async () => {
  await using folder = await tempFolder();
  await folder.write("hello.txt", "hello\n");
  await folder.write("gone.txt", "to be deleted\n");
  const at = (name: string): string => `${folder.path}/${name}`;
  const patch = parsePatch(wrap(
    "*** Add File: a.txt\n+A\n*** Update File: hello.txt\n*** Move to: sub/moved.txt\n@@\n-hello\n+hello moved\n" +
      "*** Delete File: gone.txt\n",
  ));
  const plan = await planPatch(patch, { cwd: folder.path });
  assert.deepEqual(plan.changes, [
    { path: at("a.txt"), kind: { type: "add" }, diff: "A\n" },
    { path: at("gone.txt"), kind: { type: "delete" }, diff: "to be deleted\n" },
    {
      path: at("hello.txt"),
      kind: { type: "update", move_path: at("sub/moved.txt") },
      diff: `@@ -1 +1 @@\n-hello\n+hello moved\n\n\nMoved to: ${at("sub/moved.txt")}`,
    },
  ]);
  assert.deepEqual(writtenPaths(plan).sort(), ["a.txt", "gone.txt", "hello.txt", "sub/moved.txt"].map(at));
  assert.deepEqual(await names(folder), ["gone.txt", "hello.txt"], "planning writes nothing");

  assert.deepEqual(await applyPlan(plan), {
    stdout: "Success. Updated the following files:\nA a.txt\nM sub/moved.txt\nD gone.txt\n",
    stderr: "",
    success: true,
  });
  assert.deepEqual(await names(folder), ["a.txt", "sub/moved.txt"]);
  assert.equal(await folder.read("sub/moved.txt"), "hello moved\n");
});

Deno.test("planPatch() sees what earlier sections of the same patch leave", async () => {
  await using folder = await tempFolder();
  await folder.write("f", "a\nb\n");
  const rows: [body: string, changes: [string, string, string][]][] = [
    ["*** Update File: f\n@@\n-a\n+A\n*** Update File: f\n@@\n-b\n+B\n", [[
      "f",
      "update",
      "@@ -1,2 +1,2 @@\n-a\n-b\n+A\n+B\n",
    ]]],
    ["*** Add File: n\n+x\n*** Update File: n\n@@\n-x\n+y\n", [["n", "add", "y\n"]]],
    ["*** Add File: n\n+x\n*** Delete File: n\n", []],
    ["*** Delete File: f\n*** Add File: f\n+c\n", [["f", "update", "@@ -1,2 +1 @@\n-a\n-b\n+c\n"]]],
  ];
  for (const [body, changes] of rows) {
    const plan = await planPatch(parsePatch(wrap(body)), { cwd: folder.path });
    assert.deepEqual(
      plan.changes.map((change) => [change.path.slice(folder.path.length + 1), change.kind.type, change.diff]),
      changes,
      body,
    );
  }
});

Deno.test("planPatch() refuses what it cannot do, before anything is written", async () => {
  await using folder = await tempFolder();
  await folder.write("latin1.txt", new Uint8Array([0x61, 0xe9, 0x0a]));
  await Deno.mkdir(`${folder.path}/dir`);
  const rows: [body: string, message: RegExp][] = [
    [
      "*** Update File: nope.txt\n@@\n-x\n+y\n",
      /^Failed to read file to update \/.*\/nope\.txt: No such file or directory \(os error 2\)$/,
    ],
    ["*** Delete File: nope.txt\n", /^Failed to read file to delete .*nope\.txt/],
    ["*** Update File: latin1.txt\n@@\n+x\n", /latin1\.txt: it is not UTF-8 text$/],
    ["*** Update File: dir\n@@\n+x\n", /^Failed to read file to update .*dir: /],
  ];
  for (const [body, message] of rows) {
    await assert.rejects(planPatch(parsePatch(wrap(body)), { cwd: folder.path }), (error) => {
      assert.ok(error instanceof CodexError && error.code === "PATCH_INVALID");
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("applyPlan() keeps permission bits and writes through links", async () => {
  await using folder = await tempFolder();
  const script = await folder.write("real/run.sh", "echo a\n");
  await Deno.chmod(script, 0o750);
  await Deno.symlink("real/run.sh", `${folder.path}/link.sh`);
  const plan = await planPatch(parsePatch(wrap("*** Update File: link.sh\n@@\n-echo a\n+echo b\n")), {
    cwd: folder.path,
  });
  assert.deepEqual(writtenPaths(plan), [script]);
  assert.equal((await applyPlan(plan)).success, true);
  assert.equal(await folder.read("real/run.sh"), "echo b\n");
  assert.equal((await Deno.stat(script)).mode! & 0o777, 0o750);
  assert.ok((await Deno.lstat(`${folder.path}/link.sh`)).isSymlink);
});

Deno.test("applyPlan() leaves the permission bits of a new file to the umask", async () => {
  await using folder = await tempFolder();
  const plan = await planPatch(parsePatch(wrap("*** Add File: new.txt\n+a\n")), { cwd: folder.path });
  assert.equal((await applyPlan(plan)).success, true);
  assert.equal((await Deno.stat(`${folder.path}/new.txt`)).mode! & 0o777, 0o666 & ~Deno.umask());
});

Deno.test("applyPlan() refuses a file that changed after it was planned", async () => {
  await using folder = await tempFolder();
  await folder.write("f", "a\n");
  const plan = await planPatch(parsePatch(wrap("*** Add File: n\n+x\n*** Update File: f\n@@\n-a\n+b\n")), {
    cwd: folder.path,
  });
  await folder.write("f", "somebody else\n");
  const outcome = await applyPlan(plan);
  assert.equal(outcome.success, false);
  assert.match(outcome.stderr, /f: it has changed since the patch was checked\nNo file was changed\.\n$/);
  assert.deepEqual(await names(folder), ["f"]);
});

Deno.test("applyPlan() refuses a path that leads elsewhere than planned", async () => {
  await using folder = await tempFolder();
  await using outside = await tempFolder();
  await folder.write("dir/keep", "");
  const plan = await planPatch(parsePatch(wrap("*** Add File: dir/n\n+x\n")), { cwd: folder.path });
  await Deno.remove(`${folder.path}/dir`, { recursive: true });
  await Deno.symlink(outside.path, `${folder.path}/dir`);
  const outcome = await applyPlan(plan);
  assert.match(outcome.stderr, /leads to another place/);
  assert.deepEqual(await names(outside), []);
});

Deno.test("applyPlan() takes back what it wrote when a later file fails", async () => {
  await using folder = await tempFolder();
  await folder.write("f", "a\n");
  await folder.write("gone", "g\n");
  const failing: PatchFiles = {
    ...hostPatchFiles,
    remove(path): Promise<void> {
      return path.endsWith("gone")
        ? Promise.reject(new Error("Operation not permitted (os error 1)"))
        : hostPatchFiles.remove(path);
    },
  };
  const plan = await planPatch(
    parsePatch(wrap("*** Add File: new/deep/n\n+x\n*** Update File: f\n@@\n-a\n+b\n*** Delete File: gone\n")),
    { cwd: folder.path },
  );
  assert.deepEqual(await applyPlan(plan, failing), {
    stdout: "",
    stderr: `Failed to write ${folder.path}/gone: Operation not permitted (os error 1)\nNo file was changed.\n`,
    success: false,
  });
  assert.deepEqual(await names(folder), ["f", "gone"]);
  assert.equal(await folder.read("f"), "a\n");
  await assert.rejects(Deno.stat(`${folder.path}/new`), "folders that were made are removed again");
});

Deno.test("staysInside() follows links of files and of roots", async () => {
  await using folder = await tempFolder();
  await using outside = await tempFolder();
  await folder.write("ws/f", "a\n");
  await outside.write("secret", "a\n");
  await Deno.symlink(`${outside.path}/secret`, `${folder.path}/ws/trap`);
  await Deno.symlink(`${outside.path}/dangling`, `${folder.path}/ws/hole`);
  await Deno.symlink(`${folder.path}/ws`, `${folder.path}/ws-link`);
  const ws = `${folder.path}/ws`;
  const rows: [cwd: string, body: string, roots: string[], exceptions: string[], want: boolean][] = [
    [ws, "*** Update File: f\n@@\n-a\n+b\n", [ws], [], true],
    [ws, "*** Update File: f\n@@\n-a\n+b\n", [], [], false],
    [ws, "*** Update File: trap\n@@\n-a\n+b\n", [ws], [], false],
    [ws, "*** Delete File: trap\n", [ws], [], true],
    [ws, "*** Add File: hole\n+x\n", [ws], [], false],
    [ws, "*** Add File: ../x\n+x\n", [ws], [], false],
    [ws, "*** Add File: .git/hooks/x\n+x\n", [ws], [`${ws}/.git`], false],
    [`${folder.path}/ws-link`, "*** Update File: f\n@@\n-a\n+b\n", [`${folder.path}/ws-link`], [], true],
    [`${folder.path}/ws-link`, "*** Add File: new/n\n+x\n", [ws], [], true],
    [ws, "*** Update File: f\n*** Move to: ../moved\n@@\n-a\n+b\n", [ws], [], false],
  ];
  for (const [cwd, body, roots, exceptions, want] of rows) {
    const plan = await planPatch(parsePatch(wrap(body)), { cwd });
    assert.equal(await staysInside(plan, { roots, exceptions }), want, body);
  }
});
