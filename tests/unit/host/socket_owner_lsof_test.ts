import { equal } from "node:assert/strict";
import { findOwner, uidByLsof } from "../../../src/host/socket_owner_lsof.ts";

const LISTING = [
  ...["p101", "u501", "f5", "n127.0.0.1:50000->127.0.0.1:7000", "f6", "n[::1]:50001->[::1]:7000"],
  ...["p202", "u0", "f3", "n127.0.0.1:7000->127.0.0.1:50000", "f4", "n127.0.0.1:50002->127.0.0.1:7000"],
  ...["p303", "f3", "n127.0.0.1:50003->127.0.0.1:7000", ""],
].join("\n");

const at = (hostname: string, port: number): { hostname: string; port: number } => ({ hostname, port });
const rows: [local: string, remote: string, remotePort: number, uid: number | null][] = [
  ["127.0.0.1", "127.0.0.1", 50_000, 501],
  ["::1", "::1", 50_001, 501],
  ["::ffff:127.0.0.1", "::ffff:127.0.0.1", 50_000, 501],
  ["127.0.0.1", "127.0.0.1", 50_002, 0],
  // The other end, another address, nobody, and a process without a user.
  ["127.0.0.1", "127.0.0.1", 7000, null],
  ["127.0.0.1", "127.0.0.1", 50_001, null],
  ["127.0.0.1", "127.0.0.1", 50_009, null],
  ["127.0.0.1", "127.0.0.1", 50_003, null],
];
for (const [local, remote, remotePort, uid] of rows) {
  Deno.test(`findOwner() of ${remote} port ${remotePort} is ${uid}`, () => {
    equal(findOwner(LISTING, { local: at(local, 7000), remote: at(remote, remotePort) }), uid);
  });
}

Deno.test("uidByLsof() asks for the one port, and knows nobody where there is no such program", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const program = `${folder}/lsof`;
    const text = `#!/bin/sh\n[ "$*" = "-nP -a -iTCP:50000 -sTCP:ESTABLISHED -F pun" ] && printf '${
      LISTING.replaceAll("\n", "\\n")
    }'\nexit 1\n`;
    await Deno.writeTextFile(program, text, { mode: 0o755 });
    const ends = { local: at("127.0.0.1", 7000), remote: at("127.0.0.1", 50_000) };
    equal(await uidByLsof(ends, { program }), 501);
    equal(await uidByLsof({ ...ends, remote: at("127.0.0.1", 50_001) }, { program }), null);
    equal(await uidByLsof(ends, { program: `${folder}/none` }), null);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
