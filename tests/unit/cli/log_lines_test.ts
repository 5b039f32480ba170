// The log of a server behind a terminal UI: lines in order, and never in the way.
import assert from "node:assert/strict";
import type { Log, LogLevel } from "../../../src/base/log.ts";
import { parseLogFilter } from "../../../src/cli/log_filter.ts";
import { type LogForm, makeFileLog, makeLog } from "../../../src/cli/log_lines.ts";

Deno.test("makeFileLog() appends lines in order and makes its folder", async () => {
  const folder = await Deno.makeTempDir({ prefix: "codex-test-" });
  try {
    const log = makeFileLog(`${folder}/log/codex.log`);
    log.printLine("one");
    log.printLine("two");
    await log.flush();
    const text = await Deno.readTextFile(`${folder}/log/codex.log`);
    assert.equal(text, "one\ntwo\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("makeFileLog() gives up quietly where it cannot write", async () => {
  const log = makeFileLog("/dev/null/log/codex.log");
  log.printLine("one");
  await log.flush();
});

function lines(form: LogForm, filter: string | null, write: (log: Log) => void): string[] {
  const printed: string[] = [];
  const options = { filter: parseLogFilter(filter).filter, form, nowMs: () => 0 };
  write(makeLog({ ...options, printLine: (line) => printed.push(line) }));
  return printed;
}

Deno.test("makeLog() writes one line an entry, whatever is in it", () => {
  const write = (log: Log): void => {
    log.warn("careful\n2nd line", { who: "a b", count: 2, none: null, path: "/x:1" });
    log.info("not wanted");
    log.for("auth").error("broken", {}, "why");
  };
  assert.deepEqual(lines("plain", null, write), [
    '1970-01-01T00:00:00.000Z  WARN codex_app_server: careful\\u000a2nd line who="a b" count=2 none=null path=/x:1',
    "1970-01-01T00:00:00.000Z ERROR codex_app_server::auth: broken cause=why",
  ]);
});

Deno.test("makeLog() lets nothing in a name begin a line, steer a terminal or fill the disk", () => {
  const evil = "a\r\nb\x1b[2J\x9b1m\x7f\u2028\u202e\u0000";
  const write = (log: Log): void => log.warn(evil, { name: evil, long: "x".repeat(10_000) });
  const safe = "a\\u000d\\u000ab\\u001b[2J\\u009b1m\\u007f\\u2028\\u202e\\u0000";
  const quoted = "a\\r\\nb\\u001b[2J\\u009b1m\\u007f\\u2028\\u202e\\u0000";
  const long = `${"x".repeat(4_096)}…`;
  assert.deepEqual(lines("plain", null, write), [
    `1970-01-01T00:00:00.000Z  WARN codex_app_server: ${safe} name="${quoted}" long=${long}`,
  ]);
  const [json = ""] = lines("json", null, write);
  // deno-lint-ignore no-control-regex -- they are what must not be there
  assert.equal(/[\x00-\x1f\x7f-\x9f\u2028\u202e]/.test(json), false);
  assert.deepEqual(JSON.parse(json).fields, { message: evil, name: evil, long });
});

Deno.test("makeLog() as JSON has the recorded members", () => {
  const [line] = lines("json", "info", (log) => log.for("requests").info("a\nb", { connectionId: 7 }));
  assert.deepEqual(JSON.parse(line ?? ""), {
    timestamp: "1970-01-01T00:00:00.000Z",
    level: "INFO",
    fields: { message: "a\nb", connectionId: 7 },
    target: "codex_app_server::requests",
  });
});

Deno.test("makeLog() paints for people", () => {
  const [line] = lines("human", null, (log) => log.warn("careful"));
  assert.ok(line?.includes("\x1b[33m WARN\x1b[0m"), line);
});

Deno.test("parseLogFilter() reads RUST_LOG's form", () => {
  const rows: [filter: string | null, target: string, level: LogLevel, allowed: boolean][] = [
    [null, "codex_app_server", "warn", true],
    [null, "codex_app_server", "info", false],
    ["info", "codex_app_server::auth", "info", true],
    ["off", "codex_app_server", "error", false],
    ["warn,auth=debug", "codex_app_server::auth", "debug", true],
    ["warn,auth=debug", "codex_app_server::requests", "debug", false],
    ["codex_app_server=trace", "codex_app_server::requests", "trace", true],
    ["codex_app_server", "codex_app_server", "trace", true],
    ["codex_core=debug", "codex_app_server", "error", false],
    ["INFO", "codex_app_server", "info", true],
    ["info,codex_app_server::auth=off", "codex_app_server::auth", "error", false],
  ];
  for (const [filter, target, level, allowed] of rows) {
    assert.equal(parseLogFilter(filter).filter.allows(target, level), allowed, `${filter} ${target} ${level}`);
  }
  assert.deepEqual(parseLogFilter("warn,x=loud,=,[a]=info").ignored, ["x=loud", "=", "[a]=info"]);
});
