import { deepEqual, equal } from "node:assert/strict";
import { lookUpProgram, mayExecute } from "../../../src/host/program_lookup.ts";

Deno.test("lookUpProgram() tells found, missing and not executable apart, and mayExecute() agrees where it is asked", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/run`, "#!/bin/sh\n", { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/text`, "x", { mode: 0o644 });
    await Deno.mkdir(`${folder}/folder`);
    const options = { cwd: folder, searchPath: folder };
    const rows: [word: string, kind: string][] = [
      ["run", "found"],
      ["./run", "found"],
      ["text", "notExecutable"],
      ["folder", "notExecutable"],
      ["./none", "missing"],
      ["none", "missing"],
    ];
    for (const [word, kind] of rows) equal((await lookUpProgram(word, options)).kind, kind, word);
    deepEqual([await mayExecute(`${folder}/run`), await mayExecute(`${folder}/text`)], [true, false]);
    equal(await mayExecute(`${folder}/none`), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
