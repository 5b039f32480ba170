import assert from "node:assert/strict";
import { findApplyPatchCommand } from "../../../src/workspace/patch_command.ts";

const PATCH = "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch";

Deno.test("findApplyPatchCommand() finds a command that is nothing but a patch", () => {
  const rows: [command: string | string[], workdir: string | null][] = [
    [`apply_patch <<'EOF'\n${PATCH}\nEOF\n`, null],
    [`apply_patch <<EOF\n${PATCH}\nEOF`, null],
    [`applypatch <<"PATCH"\n${PATCH}\nPATCH\n`, null],
    [`  cd sub/dir && apply_patch << 'EOF'\n${PATCH}\nEOF`, "sub/dir"],
    [`cd 'a b' && apply_patch <<'EOF'\n${PATCH}\nEOF\n\n`, "a b"],
    [`cd "a b" && apply_patch <<'EOF'\n${PATCH}\nEOF\n`, "a b"],
    [`apply_patch '${PATCH}'`, null],
    [["apply_patch", PATCH], null],
    [["/bin/bash", "-lc", `apply_patch <<'EOF'\n${PATCH}\nEOF\n`], null],
  ];
  for (const [command, workdir] of rows) {
    assert.deepEqual(findApplyPatchCommand(command), { patch: PATCH, workdir }, String(command));
  }
});

Deno.test("findApplyPatchCommand() leaves every other command alone", () => {
  const rows: (string | string[])[] = [
    "ls",
    "apply_patch",
    "apply_patch file.patch",
    `cat <<'EOF'\n${PATCH}\nEOF\n`,
    `apply_patch <<'EOF'\n${PATCH}\nEOF\nrm -rf x`,
    `apply_patch <<'EOF' && ls\n${PATCH}\nEOF\n`,
    `ls; apply_patch <<'EOF'\n${PATCH}\nEOF\n`,
    `cd $HOME && apply_patch <<'EOF'\n${PATCH}\nEOF\n`,
    `cd a; apply_patch <<'EOF'\n${PATCH}\nEOF\n`,
    `apply_patch <<'EOF'\n${PATCH}\nEOF\nrm x <<'EOF'\nEOF\n`,
    `apply_patch "$(cat x)"`,
    ["bash", "-x", `apply_patch <<'EOF'\n${PATCH}\nEOF\n`],
    ["python3", "-c", `apply_patch <<'EOF'\n${PATCH}\nEOF\n`],
  ];
  for (const command of rows) assert.equal(findApplyPatchCommand(command), null, String(command));
});
