import assert from "node:assert/strict";
import { checkAddedFolders, findRootTrouble, rootWarnings } from "../../../src/sandbox/writable_roots.ts";

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "codex-roots-test-" }));
  try {
    await Deno.mkdir(`${folder}/there`);
    await Deno.writeTextFile(`${folder}/file`, "");
    await Deno.symlink("there", `${folder}/link`);
    await Deno.symlink("gone", `${folder}/dangling`);
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const MISSING = "there is no such folder";
const KERNEL = "it belongs to the kernel";
/** A name in the folder or an absolute path; what is wrong with it as a root, and as a folder of `--add-dir`. */
const ROWS: readonly (readonly [path: string, root: string | null, added: string | null])[] = [
  ["there", null, null],
  ["link", null, null],
  ["file", null, "it is no folder"],
  ["missing", MISSING, MISSING],
  ["missing/deep", MISSING, MISSING],
  ["file/below", MISSING, MISSING],
  ["dangling", "it is a link to something that is not there", "it is a link to something that is not there"],
  ["/", null, null],
  ...(Deno.build.os === "linux" ? ["/proc", "/proc/self/fd", "/sys", "/sys/kernel", "/dev"] : []).map((path) =>
    [path, KERNEL, KERNEL] as const
  ),
];

for (const [path, root, added] of ROWS) {
  Deno.test(`findRootTrouble(), checkAddedFolders() of ${path}: ${root}, ${added}`, () =>
    withFolder(async (folder) => {
      const place = path.startsWith("/") ? path : `${folder}/${path}`;
      const trouble = await findRootTrouble(place);
      assert.equal(trouble?.why ?? null, root);
      const check = checkAddedFolders([folder, place]);
      if (added === null) return await check;
      await assert.rejects(check, { code: "USAGE", message: `Cannot add "${place}": ${added}` });
    }));
}

Deno.test("rootWarnings() tells of roots that do not hold, or hold more than one may think, each once", () =>
  withFolder(async (folder) => {
    const roots = [
      folder,
      `${folder}/missing`,
      `${folder}/there/../missing`,
      `${folder}/file`,
      "/",
      `${folder}/there/`,
    ];
    const warnings = await rootWarnings(roots, `${folder}/there`);
    assert.deepEqual(warnings.map(({ summary }) => summary), [
      `Commands cannot write to "${folder}/missing": there is no such folder`,
      "Commands may write to the whole disk",
      `Commands may change settings in "${folder}/there"`,
    ]);
    assert.deepEqual(await rootWarnings([], folder), []);
  }));
