// The audit log on disks that work, fill up, hang and come back.
import assert from "node:assert/strict";
import { type Log, SILENT_LOG } from "../../../src/base/log.ts";
import { AUDIT_DISK } from "../../../src/cli/audit_disk.ts";
import { type AuditDisk, type AuditFileOptions, openAuditFile } from "../../../src/cli/audit_file.ts";

const HEAD = '{"time":"1970-01-01T00:00:00.000Z","event":';
const GONE = { event: "disconnected", connectionId: 1, code: 1000 } as const;
const GONE_LINE = `${HEAD}"disconnected","connectionId":1,"code":1000}\n`;

interface FakeDisk extends AuditDisk {
  text: string;
  problem: string | null;
  readonly logged: string[];
  readonly options: Omit<AuditFileOptions, "path">;
}

function makeDisk(): FakeDisk {
  const logged: string[] = [];
  const log: Log = {
    ...SILENT_LOG,
    warn: (message, fields) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`),
    error: (message, fields) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`),
  };
  const disk: FakeDisk = {
    text: "",
    problem: null,
    logged,
    append(_path, text): Promise<void> {
      if (disk.problem !== null) return Promise.reject(new Error(disk.problem));
      disk.text += text;
      return Promise.resolve();
    },
    endsInLine: () => Promise.resolve(disk.text !== "" && !disk.text.endsWith("\n")),
    get options() {
      return { disk, log, nowMs: () => 0, retryMs: 1, maxWaiting: 3 };
    },
  };
  return disk;
}

Deno.test("openAuditFile() writes records in order, one JSON object a line", async () => {
  const disk = makeDisk();
  const audit = await openAuditFile({ path: "/audit", ...disk.options });
  audit.record(GONE);
  audit.record({ event: "initialized", connectionId: 2, clientName: "a\nb\u2028", clientVersion: "1" });
  await audit.close();
  assert.equal(
    disk.text,
    `${GONE_LINE}${HEAD}"initialized","connectionId":2,"clientName":"a\\nb\u2028","clientVersion":"1"}\n`,
  );
  assert.deepEqual(disk.logged, []);
});

Deno.test("openAuditFile() ends a line that was torn when the machine stopped", async () => {
  const disk = makeDisk();
  disk.text = '{"time":"19';
  const audit = await openAuditFile({ path: "/audit", ...disk.options });
  audit.record(GONE);
  await audit.close();
  assert.equal(disk.text, `{"time":"19\n${GONE_LINE}`);
});

Deno.test("openAuditFile() keeps records for a disk that comes back, and counts those beyond its bound", async () => {
  const disk = makeDisk();
  const audit = await openAuditFile({ path: "/audit", ...disk.options });
  disk.problem = "No space left on device (os error 28)";
  audit.record(GONE);
  // Until the first attempt has failed.
  while (disk.logged.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  for (let count = 1; count < 8; count++) audit.record(GONE);
  disk.problem = null;
  while (disk.logged.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  audit.record(GONE);
  await audit.close();
  const lines = disk.text.trim().split("\n");
  const lost = Number(JSON.parse(lines.find((line) => line.includes('"lost"')) ?? "{}").count);
  assert.equal(lines.length - 1 + lost, 9, "every record is there or counted");
  assert.equal(lines.at(-1), GONE_LINE.trim());
  assert.deepEqual(disk.logged, [
    "Cannot write the audit log, its records wait: No space left on device (os error 28) {}",
    "The audit log waits for its disk for too long, records are lost {}",
    `The audit log can be written again {"lost":${lost}}`,
  ]);
});

Deno.test("openAuditFile() ends with a disk that stays full, and says what is missing", async () => {
  const disk = makeDisk();
  const audit = await openAuditFile({ path: "/audit", ...disk.options, retryMs: 60_000 });
  disk.problem = "full";
  audit.record(GONE);
  audit.record(GONE);
  await audit.close();
  assert.deepEqual(disk.logged, [
    "Cannot write the audit log, its records wait: full {}",
    'The audit log is not complete {"lost":2}',
  ]);
});

Deno.test("openAuditFile() does not start with a file that cannot be written", async () => {
  const disk = makeDisk();
  disk.problem = "Permission denied (os error 13): open '/audit'";
  await assert.rejects(openAuditFile({ path: "/audit", ...disk.options }), {
    code: "AUTH_SETUP",
    message: 'Cannot write the audit log "/audit": Permission denied (os error 13)',
  });
});

Deno.test("AUDIT_DISK makes a private file, follows a move, and leaves no part of what did not fit", async () => {
  const folder = await Deno.makeTempDir({ prefix: "codex-test-" });
  try {
    const path = `${folder}/audit.jsonl`;
    await AUDIT_DISK.append(path, "");
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    assert.equal(await AUDIT_DISK.endsInLine(path), false);
    await AUDIT_DISK.append(path, "one\n");
    await Deno.rename(path, `${path}.1`);
    await AUDIT_DISK.append(path, "two\nto");
    assert.equal(await AUDIT_DISK.endsInLine(path), true);
    assert.equal(await Deno.readTextFile(`${path}.1`), "one\n");
    assert.equal(await Deno.readTextFile(path), "two\nto");
    if (Deno.build.os === "linux") await assert.rejects(AUDIT_DISK.append("/dev/full", "x\n"), /os error 28/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
