import assert from "node:assert/strict";
import { findInstructions, findProjectRoot } from "../../../src/workspace/instructions.ts";
import { tempFolder } from "../../support/temp_folder.ts";

Deno.test("findInstructions() goes from the user's file down the project", async () => {
  await using folder = await tempFolder();
  await folder.write("home/AGENTS.md", "mine\n");
  await folder.write("above/AGENTS.md", "never: above the root\n");
  await folder.write("above/repo/.git/HEAD", "");
  await folder.write("above/repo/AGENTS.md", "root\n");
  await folder.write("above/repo/a/AGENTS.md", "hidden by the override\n");
  await folder.write("above/repo/a/AGENTS.override.md", "override\n");
  await folder.write("above/repo/a/b/AGENTS.md", "  \n");
  await folder.write("above/repo/a/b/CLAUDE.md", "fallback\n");
  const repo = `${folder.path}/above/repo`;
  const base = {
    codexHome: `${folder.path}/home`,
    cwd: `${repo}/a/b`,
    projectRootMarkers: [".git"],
    maxBytes: 32_768,
    fallbackFilenames: ["CLAUDE.md"],
  };
  const file = (path: string, text: string, isCut = false): object => ({ path, text, isCut });
  const own = file(`${folder.path}/home/AGENTS.md`, "mine\n");
  const rows: [title: string, options: object, files: object[]][] = [
    ["all", {}, [
      own,
      file(`${repo}/AGENTS.md`, "root\n"),
      file(`${repo}/a/AGENTS.override.md`, "override\n"),
      file(`${repo}/a/b/CLAUDE.md`, "fallback\n"),
    ]],
    ["limit over all project files", { maxBytes: 8 }, [
      own,
      file(`${repo}/AGENTS.md`, "root\n"),
      file(`${repo}/a/AGENTS.override.md`, "ove", true),
    ]],
    ["turned off", { maxBytes: 0 }, [own]],
    ["no fallbacks", { fallbackFilenames: [], cwd: `${repo}/a/b`, projectRootMarkers: [] }, [own]],
    ["no project", { cwd: `${folder.path}/above`, projectRootMarkers: ["nothing-has-this"] }, [
      own,
      file(`${folder.path}/above/AGENTS.md`, "never: above the root\n"),
    ]],
  ];
  for (const [title, options, files] of rows) {
    assert.deepEqual((await findInstructions({ ...base, ...options })).files, files, title);
  }
  assert.equal((await findInstructions(base)).text, "mine\n\n--- project-doc ---\n\nroot\n\noverride\n\nfallback");
  assert.equal(await findProjectRoot(`${repo}/a`, [".git"]), repo);
});

Deno.test("findInstructions() answers null where nothing is written, and cuts between characters", async () => {
  await using folder = await tempFolder();
  const options = {
    codexHome: `${folder.path}/missing`,
    cwd: folder.path,
    projectRootMarkers: [".git"],
    maxBytes: 4,
    fallbackFilenames: [],
  };
  assert.deepEqual(await findInstructions(options), { text: null, files: [] });
  await folder.write("AGENTS.md", "aéé");
  assert.equal((await findInstructions(options)).text, "aé");
});
