import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import type { TlsIdentity } from "../../../src/host/listen_target.ts";
import { openTlsFiles } from "../../../src/server/tls_files.ts";
import { createMemoryFiles } from "../../support/memory_files.ts";
import { makeRecordingLog } from "../../support/recording_log.ts";

const PATHS = { certFile: "/cert", keyFile: "/key" };

Deno.test("openTlsFiles() gives what has changed, and asks again when the use of it failed", async () => {
  const files = createMemoryFiles({ "/cert": "c1", "/key": "k1" });
  const { log, lines } = makeRecordingLog();
  const tls = await openTlsFiles(PATHS, files, log);
  assert.deepEqual(tls.identity, { cert: "c1", key: "k1" });
  const used: TlsIdentity[] = [];
  const look = (always = false): Promise<void> =>
    tls.refresh((identity) => {
      if (identity.cert.slice(1) !== identity.key.slice(1)) throw new Error("they do not fit");
      used.push(identity);
    }, { always });

  await look();
  assert.deepEqual(used, [], "nothing has changed");
  await look(true);
  assert.deepEqual(used, [{ cert: "c1", key: "k1" }], "asked by a signal");
  files.write("/cert", "c2");
  await look();
  await look();
  assert.equal(used.length, 1);
  assert.deepEqual(lines.filter((line) => line.startsWith("error")), [
    "error Cannot use the changed TLS files, the old certificate stays: they do not fit",
  ]);
  files.write("/key", "k2");
  await look();
  assert.deepEqual(used[1], { cert: "c2", key: "k2" });
  files.remove("/key");
  await look();
  assert.match(lines.at(-1) ?? "", /^error .* Cannot read the TLS file "\/key": No such file or directory/);
  files.write("/key", "k2", 0o640);
  await look();
  assert.equal(used.length, 3);
  assert.match(lines.at(-1) ?? "", /^warn The TLS key is not private: \/key has mode 640: .* chmod 600 \/key/);
});

Deno.test("openTlsFiles() ends the start when a file cannot be read, and warns of a key that others can read", async () => {
  for (const missing of ["/cert", "/key"]) {
    const files = createMemoryFiles({ "/cert": "c", "/key": "k" });
    files.remove(missing);
    await assert.rejects(openTlsFiles(PATHS, files, makeRecordingLog().log), (error) => {
      assert.ok(error instanceof CodexError);
      assert.match(error.message, new RegExp(`Cannot read the TLS file "${missing}": No such file`));
      return true;
    });
  }
  const files = createMemoryFiles({ "/cert": "c" });
  files.write("/key", "k", 0o644);
  const { log, lines } = makeRecordingLog();
  await openTlsFiles(PATHS, files, log);
  assert.match(lines[0] ?? "", /^warn The TLS key is not private: \/key has mode 644/);
});
