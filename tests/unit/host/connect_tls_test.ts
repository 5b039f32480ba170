// Why a client cannot connect over TLS, told apart; and the files that say whom to trust.
import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { readCaCertificates } from "../../../src/host/ca_certificates.ts";
import { ConnectError, openWebSocket } from "../../../src/host/connect.ts";
import { run } from "../../support/process.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { tempFolder } from "../../support/temp_folder.ts";

function serve(cert: string, key: string): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, cert, key, onListen(): void {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }): void => socket.send(data);
    return response;
  });
}

Deno.test("openWebSocket() tells apart what is wrong with a certificate", async () => {
  await using folder = await tempFolder();
  const [ca, caKey] = [`${folder.path}/ca.pem`, `${folder.path}/ca.key`];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const openssl = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await run({ command: "openssl", args });
    assert.equal(code, 0, stderr);
  };
  await openssl("req", "-x509", ...curve, "-keyout", caKey, "-out", ca, "-days", "2", "-subj", "/CN=ca");
  const trusted = await readCaCertificates({ CODEX_CA_CERTIFICATE: ca });
  const issue = async (name: string, subjectAltName: string, days: string): Promise<[string, string]> => {
    const [cert, key, request] = [`${folder.path}/${name}.pem`, `${folder.path}/${name}.key`, `${folder.path}/r`];
    const extensions = await folder.write("e", `subjectAltName=${subjectAltName}\nbasicConstraints=CA:FALSE\n`);
    await openssl("req", ...curve, "-keyout", key, "-out", request, "-subj", `/CN=${name}`);
    const signing = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-days", days, "-extfile", extensions];
    await openssl("x509", "-req", "-in", request, ...signing, "-out", cert);
    return [await Deno.readTextFile(cert), await Deno.readTextFile(key)];
  };
  const good = await issue("good", "IP:127.0.0.1", "1");
  const rows: [string, [string, string], string[], RegExp | null][] = [
    ["good", good, trusted, null],
    ["unknown authority", good, [], /authority that is not known here/],
    ["another name", await issue("other", "DNS:other.example", "1"), trusted, /is for another name/],
    ["expired", await issue("expired", "IP:127.0.0.1", "-1"), trusted, /has expired/],
    [
      "the authority's own",
      [await Deno.readTextFile(ca), await Deno.readTextFile(caKey)],
      trusted,
      /certificate of an authority/,
    ],
  ];
  for (const [name, [cert, key], caCerts, expected] of rows) {
    const server = serve(cert, key);
    const url = `wss://127.0.0.1:${server.addr.port}`;
    if (expected === null) {
      const socket = await openWebSocket(url, { timeoutMs: 5_000, caCerts });
      const echo = new Promise((resolve) => socket.onmessage = ({ data }): void => resolve(data));
      socket.send("hello");
      assert.equal(await echo, "hello");
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
    } else {
      await assert.rejects(openWebSocket(url, { timeoutMs: 5_000, caCerts }), (error) => {
        assert.ok(error instanceof ConnectError, name);
        assert.match(error.message, expected, `${name}: ${error.message}`);
        assert.equal(error.failure, "tls", name);
        return true;
      });
    }
    const plain = openWebSocket(url.replace("wss:", "ws:"), { timeoutMs: 5_000 });
    await assert.rejects(plain, (error) => error instanceof ConnectError && /wss:\/\//.test(error.hint ?? ""), name);
    await server.shutdown();
  }
});

Deno.test("readCaCertificates() takes the first variable that is set, and says what is wrong with its file", async () => {
  await using folder = await tempFolder();
  const { caFile } = await makeAuthority(folder.path);
  const text = await Deno.readTextFile(caFile);
  const none = await folder.write("none", "no certificate");
  const damaged = await folder.write("damaged", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  assert.deepEqual(await readCaCertificates({ CODEX_CA_CERTIFICATE: caFile, SSL_CERT_FILE: none }), [text]);
  assert.deepEqual(await readCaCertificates({ CODEX_CA_CERTIFICATE: "", SSL_CERT_FILE: caFile }), [text]);
  assert.ok(Array.isArray(await readCaCertificates({})));
  const rows: [Record<string, string>, RegExp][] = [
    [{ CODEX_CA_CERTIFICATE: "/no/such/file" }, /"\/no\/such\/file", which CODEX_CA_CERTIFICATE names: No such file/],
    [{ SSL_CERT_FILE: none }, /which SSL_CERT_FILE names: there is no PEM certificate in it/],
    [{ SSL_CERT_FILE: damaged }, /a certificate in it is damaged/],
  ];
  for (const [environment, expected] of rows) {
    await assert.rejects(readCaCertificates(environment), (error) => {
      assert.ok(error instanceof CodexError && error.code === "USAGE");
      assert.match(error.message, expected);
      return true;
    });
  }
});
