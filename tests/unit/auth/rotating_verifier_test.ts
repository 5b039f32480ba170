// What counts when the file behind a verifier changes, is touched, breaks and comes back.
import assert from "node:assert/strict";
import { createCapabilityToken } from "../../../src/auth/capability_token.ts";
import { createRotatingVerifier, type RotatingVerifier } from "../../../src/auth/rotating_verifier.ts";
import { SILENT_LOG } from "../../../src/base/log.ts";
import { createMemoryFiles, type MemoryFiles } from "../../support/memory_files.ts";

const GRACE_MS = 10_000;

interface Made {
  readonly verifier: RotatingVerifier;
  readonly files: MemoryFiles;
  readonly logged: string[];
  readonly clock: { ms: number };
  /** Which of the tokens count now. */
  counting(...tokens: string[]): Promise<string[]>;
}

async function make(files: MemoryFiles = createMemoryFiles({ "/t": "one" })): Promise<Made> {
  const logged: string[] = [];
  const clock = { ms: 0 };
  const verifier = await createRotatingVerifier({
    path: "/t",
    make: createCapabilityToken,
    graceMs: GRACE_MS,
    files,
    log: {
      ...SILENT_LOG,
      error: (message) => void logged.push(`error ${message}`),
      warn: (message) => void logged.push(`warn ${message}`),
      info: (message) => void logged.push(`info ${message}`),
    },
    nowMs: () => clock.ms,
  });
  return {
    verifier,
    files,
    logged,
    clock,
    async counting(...tokens): Promise<string[]> {
      const verdicts = await Promise.all(tokens.map((token) => verifier.check(token)));
      return tokens.filter((_, index) => verdicts[index]?.valid);
    },
  };
}

Deno.test("a file that is only touched does not end the grace of the secret before", async () => {
  const { verifier, files, logged, clock, counting } = await make();
  files.write("/t", "two");
  await verifier.refresh();
  files.write("/t", "two\n");
  await verifier.refresh();
  await verifier.reload();
  assert.deepEqual(await counting("one", "two"), ["one", "two"]);
  clock.ms = GRACE_MS;
  assert.deepEqual(await counting("one", "two"), ["two"]);
  assert.deepEqual(logged, ["info The secret file has changed: the new secret counts now"]);
});

Deno.test("a file that cannot be read is tried until it can, and complained of once", async () => {
  const files = createMemoryFiles({ "/t": "one" });
  let isReadable = true;
  const { verifier, logged, counting } = await make({
    ...files,
    readText: (path) =>
      isReadable ? files.readText(path) : Promise.reject(new Error("Permission denied (os error 13)")),
  });
  files.write("/t", "two");
  isReadable = false;
  for (let count = 0; count < 3; count++) await verifier.refresh();
  assert.deepEqual(await counting("one", "two"), ["one"]);
  // Permissions change, the file's signature does not.
  isReadable = true;
  await verifier.refresh();
  assert.deepEqual(await counting("one", "two"), ["one", "two"]);
  assert.equal(logged.filter((line) => line.startsWith("error ")).length, 1);
  assert.match(logged[0]!, /previous secret stays: failed to read websocket auth secret \/t: Permission denied/);
});

Deno.test("reload() reads a file that does not look changed, and complains again of one that is bad", async () => {
  const files = createMemoryFiles({ "/t": "one" });
  const { verifier, logged, counting } = await make({ ...files, signatureOf: () => "always the same" });
  files.write("/t", "two");
  await verifier.refresh();
  assert.deepEqual(await counting("one", "two"), ["one"]);
  await Promise.all([verifier.refresh(), verifier.reload()]);
  assert.deepEqual(await counting("one", "two"), ["one", "two"]);
  files.write("/t", "");
  await verifier.reload();
  await verifier.reload();
  assert.equal(logged.filter((line) => line.startsWith("error ")).length, 2);
  files.write("/t", "two");
  await verifier.refresh();
  assert.equal(logged.at(-1), "info The secret file can be used again, the secret is the same");
});

Deno.test("looks do not pile up behind a disk that hangs", async () => {
  const files = createMemoryFiles({ "/t": "one" });
  let reads = 0;
  let answer = Promise.resolve();
  const { verifier, counting } = await make({
    ...files,
    async readText(path): Promise<string> {
      reads++;
      await answer;
      return files.readText(path);
    },
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  answer = promise;
  files.write("/t", "two");
  const looks = Array.from({ length: 50 }, () => verifier.refresh());
  resolve();
  await Promise.all(looks);
  assert.equal(reads, 2);
  assert.deepEqual(await counting("two"), ["two"]);
});

Deno.test("a file that others can read or change is warned of with its mode and what to do", async () => {
  const rows: [number, string | null][] = [
    [0o600, null],
    [0o400, null],
    [0o640, "/t has mode 640: others can read it; run: chmod 600 /t"],
    [0o604, "/t has mode 604: others can read it; run: chmod 600 /t"],
    [0o620, "/t has mode 620: others can change it; run: chmod 600 /t"],
    [0o100_666, "/t has mode 666: others can read it; run: chmod 600 /t"],
  ];
  for (const [mode, problem] of rows) {
    const files = createMemoryFiles();
    files.write("/t", "one", mode);
    const { logged } = await make(files);
    assert.deepEqual(logged, problem === null ? [] : [`warn The secret file is not private: ${problem}`]);
  }
});
