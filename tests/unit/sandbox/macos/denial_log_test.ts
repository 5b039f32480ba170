import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import {
  denialLogArguments,
  denialText,
  followDenials,
  parseDenials,
} from "../../../../src/sandbox/macos/denial_log.ts";

const TAG = "codex-0a1b";
const line = (eventMessage: unknown): string => JSON.stringify({ timestamp: "x", eventMessage });

Deno.test("parseDenials() tells program, operation and subject of each different denial of ours", () => {
  const log = [
    'Filtering the log data using "…"',
    line(`Sandbox: touch(812) deny(1) file-write-create /Users/ann/a b\n${TAG}`),
    line(`Sandbox: touch(813) deny(1) file-write-create /Users/ann/a b\n${TAG}`),
    line(`Sandbox: node (x)(14) deny(1) network-outbound*:443 ${TAG}`),
    line(`Sandbox: sh(15) deny(1) process-fork\n${TAG}`),
    line("Sandbox: other(16) deny(1) file-read-data /etc/x\ncodex-ffff"),
    line(`Sandbox: odd line ${TAG}`),
    line(7),
    "{broken",
    "",
  ].join("\n");
  deepEqual(parseDenials(log, TAG), [
    { program: "touch", pid: 813, operation: "file-write-create", subject: "/Users/ann/a b" },
    { program: "node (x)", pid: 14, operation: "network-outbound*:443", subject: "" },
    { program: "sh", pid: 15, operation: "process-fork", subject: "" },
  ]);
});

Deno.test("denialText() is one line for a person", () => {
  equal(denialText({ program: "ls", pid: 1, operation: "file-read-data", subject: "/x" }), "ls: file-read-data /x");
  equal(denialText({ program: "sh", pid: 1, operation: "process-fork", subject: "" }), "sh: process-fork");
});

Deno.test("denialLogArguments() follows the log for one tag, which cannot leave its quotes", () => {
  const words = denialLogArguments(TAG);
  deepEqual(words.slice(0, 5), ["/usr/bin/log", "stream", "--style", "ndjson", "--predicate"]);
  equal(words[5]?.startsWith(`eventMessage CONTAINS "${TAG}" AND `), true);
  throws(() => denialLogArguments('x" OR "1" == "1'), RangeError);
});

async function withLog(script: string, test: (program: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/log`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    await test(`${folder}/log`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("followDenials() settles once the log is followed, and tells what came until it is stopped", async () => {
  const lines = [1, 2].map((n) => line(`Sandbox: sh(${n}) deny(1) file-read-data /x${n}\n${TAG}`));
  const script = `echo 'Filtering the log data using "x"'; ${lines.map((text) => `printf '%s\\n' '${text}'`).join("; ")}
    exec tail -f /dev/null`;
  await withLog(script, async (program) => {
    const denials = await (await followDenials(TAG, { program })).stop();
    deepEqual(denials.map(({ subject }) => subject), ["/x1", "/x2"]);
  });
});

Deno.test("followDenials() a log that nobody may follow is an error with its words", async () => {
  await withLog("echo 'log: Must be admin to run stream command' >&2; exit 64", async (program) => {
    await rejects(followDenials(TAG, { program }), { code: "EXEC_FAILED", message: /Must be admin/ });
  });
});
