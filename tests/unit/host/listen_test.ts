// What listening does with ports, certificates and socket files, seen with plain HTTP.
import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { listenWebSocket } from "../../../src/host/listen.ts";
import type { Listener, ListenTarget, TlsIdentity } from "../../../src/host/listen_target.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { run } from "../../support/process.ts";
import { tempFolder } from "../../support/temp_folder.ts";

function listen(target: ListenTarget): Promise<Listener> {
  return listenWebSocket({ target, handle: () => Promise.resolve(new Response("here")) });
}

async function makeIdentity(folder: string, name: string): Promise<TlsIdentity & { ca: string }> {
  const own = `${folder}/${name}`;
  await Deno.mkdir(own);
  const authority = await makeAuthority(own);
  await authority.issue(`${own}/cert.pem`, `${own}/key.pem`, name);
  const [cert, key, ca] = await Promise.all(
    [`${own}/cert.pem`, `${own}/key.pem`, authority.caFile].map((path) => Deno.readTextFile(path)),
  );
  return { cert: cert!, key: key!, ca: ca! };
}

/** The status line of a request over a new TLS connection that trusts these authorities. */
async function askTls(hostname: string, port: number, caCerts: string[]): Promise<string> {
  using connection = await Deno.connectTls({ hostname, port, caCerts });
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  const bytes = new Uint8Array(1024);
  const count = await connection.read(bytes) ?? 0;
  return new TextDecoder().decode(bytes.subarray(0, count)).split("\r\n")[0] ?? "";
}

Deno.test("a certificate is replaced under load and no connection is refused", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await tempFolder();
  const [first, second] = [await makeIdentity(folder.path, "first"), await makeIdentity(folder.path, "second")];
  const listener = await listen({ kind: "tcp", hostname: "127.0.0.1", port: 0, tls: first });
  const { port } = listener.address!;
  const both = [first.ca, second.ca];
  let goesOn = true;
  let answered = 0;
  const failures: string[] = [];
  const clients = Array.from({ length: 8 }, async () => {
    while (goesOn) {
      const line = await askTls("127.0.0.1", port, both).catch(String);
      if (line === "HTTP/1.1 200 OK") answered++;
      else failures.push(line);
    }
  });
  for (let count = 0; count < 20; count++) {
    const goal = answered + 10;
    listener.replaceTls(count % 2 === 0 ? second : first);
    while (answered < goal && failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  goesOn = false;
  await Promise.all(clients);
  assert.deepEqual(failures, []);
  // The last one that was given is the only one that is shown, at once.
  listener.replaceTls(second);
  for (let count = 0; count < 10; count++) {
    assert.equal(await askTls("127.0.0.1", port, [second.ca]), "HTTP/1.1 200 OK");
  }
  await assert.rejects(askTls("127.0.0.1", port, [first.ca]), /invalid peer certificate/);
  await listener.stop();
});

Deno.test("a certificate is replaced on one address of a port, the other addresses are left alone", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await tempFolder();
  const [first, second] = [await makeIdentity(folder.path, "first"), await makeIdentity(folder.path, "second")];
  const one = await listen({ kind: "tcp", hostname: "127.0.0.1", port: 0, tls: first });
  const { port } = one.address!;
  const other = await listen({ kind: "tcp", hostname: "127.0.0.2", port, tls: null });
  one.replaceTls(second);
  one.replaceTls(first);
  one.replaceTls(second);
  assert.equal(await askTls("127.0.0.1", port, [second.ca]), "HTTP/1.1 200 OK");
  assert.equal(await (await fetch(`http://127.0.0.2:${port}/`)).text(), "here");
  await Promise.all([one.stop(), other.stop()]);
});

Deno.test("TLS files that do not fit together are told apart", async () => {
  await using folder = await tempFolder();
  const [{ cert, key }, other] = [await makeIdentity(folder.path, "one"), await makeIdentity(folder.path, "two")];
  const plain = `${folder.path}/one/key.pem`;
  const args = ["pkey", "-in", plain, "-aes256", "-passout", "pass:x"];
  const encrypted = (await run({ command: "openssl", args })).stdout;
  const damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const rows: [string, string, RegExp][] = [
    ["", key, /no PEM certificate in the certificate's file/],
    ["nonsense", key, /no PEM certificate in the certificate's file/],
    [key, key, /no PEM certificate in the certificate's file/],
    [cert, "", /no PEM private key in the key's file/],
    [cert, cert, /no PEM private key in the key's file/],
    [cert, other.key, /the key does not belong to the certificate/],
    [cert, encrypted, /encrypted must be decrypted first|no PEM private key/],
    [damaged, key, /the certificate's file is damaged/],
  ];
  const listener = await listen({ kind: "tcp", hostname: "127.0.0.1", port: 0, tls: { cert, key } });
  for (const [badCert, badKey, expected] of rows) {
    const check = (error: unknown): boolean => {
      assert.ok(error instanceof CodexError && error.code === "AUTH_SETUP" && error.hint !== undefined);
      assert.match(error.message, expected);
      assert.ok(!error.message.includes("BEGIN"));
      return true;
    };
    const tls = { cert: badCert, key: badKey };
    await assert.rejects(listen({ kind: "tcp", hostname: "127.0.0.1", port: 0, tls }), check);
    assert.throws(() => listener.replaceTls(tls), check);
  }
  await listener.stop();
});

Deno.test("a port that shares with nobody is an error for TLS, too", async () => {
  await using folder = await tempFolder();
  const tls = await makeIdentity(folder.path, "one");
  const listener = await listen({ kind: "tcp", hostname: "127.0.0.1", port: 0, tls });
  const { port } = listener.address!;
  for (const again of [tls, null]) {
    await assert.rejects(
      listen({ kind: "tcp", hostname: "127.0.0.1", port, tls: again }),
      new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port}: the address is in use`),
    );
  }
  await listener.stop();
});

async function askFile(path: string): Promise<string> {
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  return await (await fetch("http://localhost/", { client })).text();
}

Deno.test(
  { name: "a socket file: its mode, its longest path, its end", ignore: Deno.build.os === "windows" },
  async () => {
    await using folder = await tempFolder();
    const longest = (Deno.build.os === "linux" ? 108 : 104) - 1;
    const path = `${folder.path}/${"x".repeat(longest - folder.path.length - 1)}`;
    const umask = Deno.umask(0);
    try {
      const listener = await listen({ kind: "unix", path });
      assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
      assert.equal(Deno.umask(0), 0, "the umask of the process is as before");
      assert.equal(await askFile(path), "here");
      await assert.rejects(listen({ kind: "unix", path }), /the address is in use/);
      await listener.stop();
      await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
    } finally {
      Deno.umask(umask);
    }
    await assert.rejects(listen({ kind: "unix", path: `${path}y` }), (error) => {
      assert.ok(error instanceof CodexError);
      assert.match(error.message, /the path is longer than a socket's may be/);
      assert.match(error.hint ?? "", new RegExp(`at most ${longest} bytes`));
      return true;
    });
    await assert.rejects(
      listen({ kind: "unix", path: `${folder.path}/no/such/folder` }),
      (error) => error instanceof CodexError && /install -d -m 700/.test(error.hint ?? ""),
    );
  },
);
