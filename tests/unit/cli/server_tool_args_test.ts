import assert from "node:assert/strict";
import { decideTokenMint, decideTokenNew } from "../../../src/cli/server_tool_args.ts";

Deno.test("decideTokenMint() reads durations from a second to a year", () => {
  const rows: [string | undefined, number | null][] = [
    [undefined, 3600],
    ["1s", 1],
    ["90s", 90],
    ["15m", 900],
    ["1h", 3600],
    ["7d", 604_800],
    ["366d", 31_622_400],
    ["367d", null],
    ["999999999d", null],
    ["9999999999s", null],
    ["0s", null],
    ["-1s", null],
    ["1.5h", null],
    ["60", null],
    ["h", null],
    ["1w", null],
    ["1h30m", null],
    [" 1h", null],
    ["", null],
  ];
  for (const [ttl, seconds] of rows) {
    const decide = (): number =>
      decideTokenMint({ wsSharedSecretFile: "/s", ...(ttl === undefined ? {} : { ttl }) }).ttlSeconds;
    if (seconds === null) assert.throws(decide, /invalid value '.*' for '--ttl <DURATION>'/, ttl);
    else assert.equal(decide(), seconds, ttl);
  }
});

Deno.test("token commands name what is missing", () => {
  assert.throws(() => decideTokenMint({}), /--ws-shared-secret-file <PATH>/);
  assert.throws(() => decideTokenNew({}, []), /<PATH>/);
  assert.deepEqual(decideTokenNew({ force: true }, ["t"]), { kind: "tokenNew", path: "t", force: true });
});
