// The log of a server behind a terminal UI: lines in order, and never in the way.
import assert from "node:assert/strict";
import { makeFileLog, makeServerLog } from "../../../src/cli/log_lines.ts";

Deno.test("makeFileLog() appends lines in order and makes its folder", async () => {
  const folder = await Deno.makeTempDir({ prefix: "codex-test-" });
  try {
    const log = makeFileLog(`${folder}/log/codex.log`, () => 0);
    log.printLine("one");
    log.printLine("two");
    await log.flush();
    const text = await Deno.readTextFile(`${folder}/log/codex.log`);
    assert.equal(text, "1970-01-01T00:00:00.000Z one\n1970-01-01T00:00:00.000Z two\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("makeFileLog() gives up quietly where it cannot write", async () => {
  const log = makeFileLog("/dev/null/log/codex.log", () => 0);
  log.printLine("one");
  await log.flush();
});

Deno.test("makeServerLog() names the severity and the cause", () => {
  const lines: string[] = [];
  const log = makeServerLog((line) => lines.push(line));
  log.warn("careful");
  log.error("broken", {}, "why");
  assert.deepEqual(lines, ["warning: careful", "error: broken: why"]);
});
