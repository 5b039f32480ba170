// `codex app-server token new` and `token mint`: what they write, what they print where, and what they refuse.
import assert from "node:assert/strict";
import { makeSandbox } from "./command.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const NEW = ["app-server", "token", "new"];

function decoded(part: string | undefined): unknown {
  return JSON.parse(atob((part ?? "").replaceAll("-", "+").replaceAll("_", "/")));
}

Deno.test("token new writes a private file, prints its path on stdout, and what to do next on stderr", async () => {
  await using sandbox = await makeSandbox();
  const path = `${sandbox.folder}/a/b/token`;
  const made = await sandbox.codex([...NEW, "a/b/token"]);
  assert.deepEqual([made.code, made.stdout], [0, `${path}\n`]);
  assert.match(made.stderr, /--ws-auth capability-token --ws-token-file /);
  const text = await Deno.readTextFile(path);
  assert.match(text, /^[A-Za-z0-9_-]{43}\n$/);
  assert.equal(made.stderr.includes(text.trim()), false);
  for (const folder of ["a", "a/b"]) {
    assert.equal(((await Deno.stat(`${sandbox.folder}/${folder}`)).mode ?? 0) & 0o777, 0o700, folder);
  }
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual((await Array.fromAsync(Deno.readDir(`${sandbox.folder}/a/b`))).map(({ name }) => name), ["token"]);

  const again = await sandbox.codex([...NEW, path]);
  assert.deepEqual([again.code, again.stdout], [1, ""]);
  assert.match(again.stderr, /there is a file .*\n {2}tip: Use --force/);
  assert.equal(await Deno.readTextFile(path), text);
  assert.equal((await sandbox.codex([...NEW, "--force", path])).code, 0);
  assert.notEqual(await Deno.readTextFile(path), text);
});

Deno.test("token new --force replaces a link, not what it leads to", async () => {
  await using sandbox = await makeSandbox();
  const [target, link] = [`${sandbox.folder}/precious`, `${sandbox.folder}/token`];
  await Deno.writeTextFile(target, "precious", { mode: 0o644 });
  await Deno.symlink(target, link);
  assert.equal((await sandbox.codex([...NEW, link])).code, 1);
  assert.equal((await sandbox.codex([...NEW, "--force", link])).code, 0);
  assert.equal(await Deno.readTextFile(target), "precious");
  assert.equal((await Deno.lstat(link)).isFile, true);
  assert.equal(((await Deno.lstat(link)).mode ?? 0) & 0o777, 0o600);
});

Deno.test("token new says why a place cannot be written", async () => {
  await using sandbox = await makeSandbox();
  await Deno.writeTextFile(`${sandbox.folder}/file`, "");
  await Deno.mkdir(`${sandbox.folder}/folder`);
  const rows: [string[], number, RegExp][] = [
    [["file/token"], 1, /^Error: Cannot make the folder ".*\/file": /],
    [["--force", "folder"], 1, /^Error: Cannot write the token to ".*\/folder": Is a directory/],
    [[], 2, /<PATH>/],
    [["a", "b"], 2, /unexpected argument 'b'/],
  ];
  for (const [args, code, stderr] of rows) {
    const result = await sandbox.codex([...NEW, ...args]);
    assert.deepEqual([result.code, result.stdout], [code, ""], args.join(" "));
    assert.match(result.stderr, stderr);
  }
  assert.deepEqual((await Array.fromAsync(Deno.readDir(sandbox.folder))).map(({ name }) => name).sort(), [
    "file",
    "folder",
  ]);
});

Deno.test("token mint prints a signed token and nothing else", async () => {
  await using sandbox = await makeSandbox();
  await Deno.writeTextFile(`${sandbox.folder}/secret`, `${SECRET}\n`, { mode: 0o600 });
  const mint = ["app-server", "token", "mint", "--ws-shared-secret-file", "secret"];
  const before = Math.floor(Date.now() / 1000);
  const plain = await sandbox.codex(mint);
  assert.deepEqual([plain.code, plain.stderr], [0, ""]);
  assert.match(plain.stdout, /^[\w-]+\.[\w-]+\.[\w-]{43}\n$/);
  const [head, body] = plain.stdout.split(".");
  assert.deepEqual(decoded(head), { alg: "HS256", typ: "JWT" });
  const { iat, exp, ...rest } = decoded(body) as { iat: number; exp: number };
  assert.deepEqual([exp - iat, rest], [3600, {}]);
  assert.ok(iat >= before && iat <= Date.now() / 1000);

  const full = await sandbox.codex([
    ...mint,
    "--ttl",
    "90s",
    "--issuer",
    "i",
    "--audience",
    "a",
    "--subject",
    "sübject",
  ]);
  const payload = new TextDecoder().decode(
    Uint8Array.from(
      atob((full.stdout.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")),
      (c) => c.charCodeAt(0),
    ),
  );
  const claims = JSON.parse(payload) as { iat: number; exp: number };
  assert.deepEqual({ ...claims, iat: 0, exp: claims.exp - claims.iat }, {
    iat: 0,
    exp: 90,
    iss: "i",
    aud: "a",
    sub: "sübject",
  });
});

Deno.test("token mint warns of a file that others can read, and refuses what the server would", async () => {
  await using sandbox = await makeSandbox();
  await Deno.writeTextFile(`${sandbox.folder}/open`, SECRET);
  await Deno.chmod(`${sandbox.folder}/open`, 0o644);
  await Deno.writeTextFile(`${sandbox.folder}/short`, SECRET.slice(1), { mode: 0o600 });
  const mint = (file: string, ...rest: string[]): ReturnType<typeof sandbox.codex> =>
    sandbox.codex(["app-server", "token", "mint", "--ws-shared-secret-file", file, ...rest]);
  const open = await mint("open");
  assert.equal(open.code, 0);
  assert.match(open.stderr, /^warning: the secret file is not private: .*\/open has mode 644: .* chmod 600 /);
  const rows: [string[], number, RegExp][] = [
    [["short"], 1, /^Error: signed websocket bearer secret .*\/short must be at least 32 bytes/],
    [["nope"], 1, /^Error: failed to read websocket auth secret .*\/nope: No such file/],
    [["open", "--ttl", "0s"], 2, /invalid value '0s' for '--ttl <DURATION>'/],
  ];
  for (const [[file = "", ...rest], code, stderr] of rows) {
    const result = await mint(file, ...rest);
    assert.deepEqual([result.code, result.stdout], [code, ""], file);
    assert.match(result.stderr, stderr);
    assert.equal(result.stderr.includes(SECRET.slice(1)), false);
  }
});
