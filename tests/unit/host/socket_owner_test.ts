// Who is at the other end of a loopback connection, by the kernel's answer and by its tables. Only root can become
// somebody else, so other users are there when the tests run as root.
import assert from "node:assert/strict";
import { openSocketOwners } from "../../../src/host/socket_owner.ts";
import type { TcpAddress } from "../../../src/host/socket_table.ts";
import { RunningProcess, waitUntil } from "../../support/process.ts";

const NOBODY = 65_534;
const WAYS = [{ asksKernel: true }, { asksKernel: false }];
const isLinux = Deno.build.os === "linux";
const isRoot = isLinux && Deno.uid() === 0;

function endsOf(connection: Deno.TcpConn): { local: TcpAddress; remote: TcpAddress } {
  return { local: connection.localAddr, remote: connection.remoteAddr };
}

/** A shell of that user which connects, waits for a line, closes its socket and waits for another. */
function connectAs(uid: number, port: number): RunningProcess {
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; read go; exec 3>&-; echo closed; read go`;
  const args = ["--reuid", String(uid), "--clear-groups", "bash", "-c", script];
  return new RunningProcess({ command: "setpriv", args }, { stdin: true });
}

Deno.test({ name: "uidOf() knows our own sockets of every family", ignore: !isLinux }, async () => {
  for (const [listenOn, dial] of [["127.0.0.1", "127.0.0.1"], ["::1", "::1"], ["::", "127.0.0.1"], ["::", "::1"]]) {
    using listener = Deno.listen({ hostname: listenOn!, port: 0 });
    using client = await Deno.connect({ hostname: dial!, port: listener.addr.port });
    using accepted = await listener.accept();
    const ends = endsOf(accepted);
    for (const way of WAYS) {
      const owners = openSocketOwners(way)!;
      const where = `${listenOn} from ${dial}, ${JSON.stringify([way, ends])}`;
      assert.equal(await owners.uidOf(ends), Deno.uid(), where);
      const stranger = { ...ends, remote: { ...ends.remote, port: ends.remote.port === 1 ? 2 : 1 } };
      assert.equal(await owners.uidOf(stranger), null, `nobody has port 1: ${where}`);
      // The same as IPv4 addresses are written by a socket of both families.
      if (dial !== "127.0.0.1") continue;
      const mapped = {
        local: { ...ends.local, hostname: "::ffff:127.0.0.1" },
        remote: { ...ends.remote, hostname: "::ffff:127.0.0.1" },
      };
      assert.equal(await owners.uidOf(mapped), Deno.uid(), `mapped: ${where}`);
    }
    assert.ok(client.remoteAddr.port > 0);
  }
});

Deno.test({ name: "uidOf() knows another user, and nobody once that one has closed", ignore: !isRoot }, async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (const way of WAYS) {
    const owners = openSocketOwners(way)!;
    await using other = connectAs(NOBODY, listener.addr.port);
    using accepted = await listener.accept();
    const ends = endsOf(accepted);
    assert.equal(await owners.uidOf(ends), NOBODY);
    await other.write("go\n");
    await other.waitForLine(/^closed$/);
    // The kernel would call root the owner of what is left of it: a server of root must not take it for its own.
    assert.equal(await owners.uidOf(ends), null, `after the close, ${JSON.stringify(way)}`);
    await other.write("go\n");
    await waitUntil("the process is gone", () => other.status !== undefined);
    assert.equal(await owners.uidOf(ends), null, `after the exit, ${JSON.stringify(way)}`);
  }
});

Deno.test({ name: "uidOf() answers questions that come at one time, each with its own", ignore: !isRoot }, async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (const way of WAYS) {
    const owners = openSocketOwners(way)!;
    await using first = connectAs(NOBODY, listener.addr.port);
    const connections = [await listener.accept()];
    const clients: Deno.TcpConn[] = [];
    for (let count = 0; count < 50; count++) {
      clients.push(await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }));
      connections.push(await listener.accept());
    }
    const uids = await Promise.all(connections.map((connection) => owners.uidOf(endsOf(connection))));
    assert.deepEqual(uids, [NOBODY, ...clients.map(() => Deno.uid())]);
    for (const connection of [...connections, ...clients]) connection.close();
    assert.equal(first.status, undefined);
  }
});
