import { deepEqual, equal, throws } from "node:assert/strict";
import { denialLogArguments, denialText, parseDenials } from "../../../../src/sandbox/macos/denial_log.ts";

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
