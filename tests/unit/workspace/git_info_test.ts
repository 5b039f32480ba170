import assert from "node:assert/strict";
import type { GitInfo } from "../../../src/protocol/types/thread.ts";
import { findGitInfo, findGitRoot } from "../../../src/workspace/git_info.ts";
import { tempFolder } from "../../support/temp_folder.ts";

const SHA = "b3b5deb840c9a0feca3ea9b4e4b0aa8aa9d532aa";

Deno.test("findGitInfo() reads every kind of work tree", async () => {
  const rows: [title: string, files: Record<string, string>, cwd: string, want: GitInfo | null][] = [
    ["none", {}, "", null],
    [
      "loose ref",
      {
        ".git/HEAD": "ref: refs/heads/main\n",
        ".git/refs/heads/main": `${SHA}\n`,
      },
      "",
      { sha: SHA, branch: "main", originUrl: null },
    ],
    [
      "from below, packed ref, origin",
      {
        ".git/HEAD": "ref: refs/heads/feature/x\n",
        ".git/packed-refs": `# pack-refs with: peeled\n${SHA} refs/heads/feature/x\n^${SHA}\n`,
        ".git/config": `[remote "other"]\n\turl = no\n[remote "origin"]\n\turl = https://me:secret@example.org/r.git\n`,
        "sub/dir/f": "",
      },
      "sub/dir",
      { sha: SHA, branch: "feature/x", originUrl: "https://example.org/r.git" },
    ],
    [
      "ssh origin keeps its user",
      {
        ".git/HEAD": "ref: refs/heads/main\n",
        ".git/config": `[remote "origin"]\n\turl = ssh://git@example.org/r.git\n`,
      },
      "",
      { sha: null, branch: "main", originUrl: "ssh://git@example.org/r.git" },
    ],
    ["detached", { ".git/HEAD": `${SHA}\n` }, "", { sha: SHA, branch: null, originUrl: null }],
    [
      "linked work tree",
      {
        "main/.git/HEAD": "ref: refs/heads/main\n",
        "main/.git/refs/heads/wt": `${SHA}\n`,
        "main/.git/config": `[remote "origin"]\nurl=git@example.org:r.git\n`,
        "main/.git/worktrees/wt/HEAD": "ref: refs/heads/wt\n",
        "main/.git/worktrees/wt/commondir": "../..\n",
        "wt/.git": "gitdir: ../main/.git/worktrees/wt\n",
      },
      "wt",
      { sha: SHA, branch: "wt", originUrl: "git@example.org:r.git" },
    ],
    [
      "a ref that leads out",
      {
        ".git/HEAD": "ref: ../../secret\n",
      },
      "",
      { sha: null, branch: null, originUrl: null },
    ],
  ];
  for (const [title, files, cwd, want] of rows) {
    await using folder = await tempFolder();
    for (const [path, text] of Object.entries(files)) await folder.write(path, text);
    assert.deepEqual(await findGitInfo(`${folder.path}/${cwd}`), want, title);
  }
});

Deno.test("findGitRoot() is the top of the work tree", async () => {
  await using folder = await tempFolder();
  await folder.write("r/.git/HEAD", "ref: refs/heads/main\n");
  await folder.write("r/a/b/f", "");
  assert.equal(await findGitRoot(`${folder.path}/r/a/b`), `${folder.path}/r`);
});
