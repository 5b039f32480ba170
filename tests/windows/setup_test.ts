// `codex sandbox windows setup|status|remove` with the compiled program under wine, as far as wine goes: it answers which
// accounts, hidden users, entries and passwords there are. It runs no program as an administrator, its PowerShell does
// nothing (no firewall), `NetUserSetInfo` and `DeleteProfileW` are missing, and what `NetUserAdd` makes cannot be looked
// up. So making and taking away is tested over a made-up system (tests/unit/sandbox/windows/setup_test.ts) alone.
import assert from "node:assert/strict";
import type { RunResult } from "../support/process.ts";
import { type House, makeHouse, startWine } from "./house.ts";

const wine = await startWine();

async function codex({ wine, scratch, env }: House, ...words: string[]): Promise<RunResult> {
  return await wine.run([scratch.windows("codex.exe"), ...words], { env });
}

Deno.test("codex sandbox windows setup --dry-run tells every step, and makes nothing", async () => {
  await using house = await makeHouse(wine);
  const { code, stdout, stderr } = await codex(house, "sandbox", "windows", "setup", "--dry-run");
  assert.equal(code, 0, stderr);
  const lines = stdout.trimEnd().split(/\r?\n/);
  assert.equal(lines.length, 13, stdout);
  assert.equal(lines[0], "would make the local group CodexSandboxUsers");
  assert.equal(lines.at(-1), "Nothing was changed (--dry-run)");
  assert.deepEqual(await Array.fromAsync(Deno.readDir(`${house.scratch.path}/home`)), []);
});

Deno.test("codex sandbox windows status says what is missing, with exit code 1", async () => {
  await using house = await makeHouse(wine);
  const { code, stdout } = await codex(house, "sandbox", "windows", "status");
  assert.equal(code, 1);
  assert.match(stdout, /^group CodexSandboxUsers: +missing\r?\n/);
  assert.match(stdout, /firewall, outbound: +unreadable\r?\n/);
  assert.match(stdout, /run `codex sandbox windows setup` as administrator\r?\n$/);
});

Deno.test("codex sandbox windows setup needs an administrator and says how to be one", async () => {
  await using house = await makeHouse(wine);
  const { code, stdout, stderr } = await codex(house, "sandbox", "windows", "setup");
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^Error: Cannot set up the elevated sandbox: this needs an administrator/);
  assert.match(stderr, /Run as administrator/);
});

Deno.test("a program called setup runs behind --", async () => {
  await using house = await makeHouse(wine);
  await Deno.writeTextFile(`${house.scratch.path}/ws/setup.bat`, "@echo mine\r\n@exit /b 5\r\n");
  const words = ["-C", house.scratch.windows("ws"), "--", "cmd", "/c", "setup"];
  const { code, stdout } = await codex(house, "sandbox", "windows", ...words);
  assert.deepEqual([code, stdout], [5, "mine\r\n"]);
  assert.equal((await codex(house, "sandbox", "windows", "--", "setup")).code, 127);
});
