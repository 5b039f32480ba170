// `codex sandbox windows` with the compiled program under wine: every call of the unelevated level is made, and what can
// be seen of it is checked. That Windows refuses what the restricted token forbids is NOT shown here: wine does not.
import assert from "node:assert/strict";
import { run, RunningProcess, waitUntil } from "../support/process.ts";
import { type House, makeHouse, startWine } from "./house.ts";

const wine = await startWine();

function sandboxWords({ scratch }: House, flags: readonly string[], command: readonly string[]): string[] {
  return [scratch.windows("codex.exe"), "sandbox", "windows", "-C", scratch.windows("ws"), ...flags, "--", ...command];
}

interface Row {
  readonly name: string;
  readonly command: readonly string[];
  readonly flags?: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly code: number;
  readonly stdout?: RegExp;
  readonly stderr?: RegExp;
}

const rows: readonly Row[] = [
  { name: "the exit code is the command's", command: ["cmd", "/c", "exit 7"], code: 7 },
  { name: "a large exit code too", command: ["cmd", "/c", "exit 200"], code: 200 },
  {
    name: "both streams are the command's",
    command: ["cmd", "/c", "echo out& echo err 1>&2"],
    code: 0,
    stdout: /^out\r\n$/,
    stderr: /^err *\r\n$/,
  },
  {
    name: "standard input reaches it",
    command: ["cmd", "/c", "sort"],
    stdin: "b\na\n",
    code: 0,
    stdout: /^a\r?\nb\r?\n$/,
  },
  { name: "it works in the folder of -C", command: ["cmd", "/c", "cd"], code: 0, stdout: /\\ws\r\n$/ },
  {
    name: "its environment is ours and says what the sandbox is",
    command: ["cmd", "/c", "echo %GIVEN% %CODEX_SANDBOX% %CODEX_SANDBOX_NETWORK_DISABLED%"],
    env: { GIVEN: "given" },
    code: 0,
    stdout: /^given windows 1\r\n$/,
  },
  {
    name: "words with spaces and quotes arrive as they are",
    command: ["cmd", "/c", 'echo "a  b" c'],
    code: 0,
    stdout: /^"a {2}b" c\r\n$/,
  },
  {
    name: "names that are missing are held while it runs",
    flags: ["--full-auto"],
    command: ["cmd", "/c", "dir /b /a"],
    code: 0,
    stdout: /^\.agents\r\n\.codex\r\n\.git\r\n$/,
  },
  {
    name: "nothing is held in a read-only sandbox",
    command: ["cmd", "/c", "dir /b /a & exit 0"],
    code: 0,
    stdout: /^(?!.*\.git)/s,
  },
  {
    name: "a program that is not there",
    command: ["nosuchprogram"],
    code: 127,
    stderr: /^codex-windows-sandbox: EXEC_FAILED: Cannot start the command: Windows error 2 \(file not found\)/,
  },
  { name: "a file that is no program", command: ["Z:\\etc\\passwd"], code: 126, stderr: /Windows error/ },
  {
    name: "hidden files are refused in this level",
    flags: ["-c", 'permissions.p.filesystem={":root"="read","C:\\\\secret"="none"}', "--permissions", "p"],
    command: ["cmd", "/c", "exit"],
    code: 1,
    stderr: /SANDBOX_UNSUPPORTED|Windows has no hidden files in the unelevated level/,
  },
  {
    name: "the elevated level without its setup is refused, never the lower one taken",
    flags: ["-c", 'windows.sandbox="elevated"'],
    command: ["cmd", "/c", "exit"],
    code: 1,
    stderr: /^Error: Cannot use the elevated sandbox: it is not set up/,
  },
];

for (const row of rows) {
  Deno.test(`codex sandbox windows: ${row.name}`, async () => {
    await using house = await makeHouse(wine);
    const result = await house.wine.run(sandboxWords(house, row.flags ?? [], row.command), {
      env: { ...house.env, ...row.env },
      ...(row.stdin === undefined ? {} : { stdin: row.stdin }),
    });
    assert.equal(result.code, row.code, JSON.stringify(result));
    if (row.stdout !== undefined) assert.match(result.stdout, row.stdout);
    if (row.stderr !== undefined) assert.match(result.stderr, row.stderr);
    // Whatever happened, nothing of it stays.
    assert.deepEqual(await names(`${house.scratch.path}/ws`), []);
    const requests = `${house.scratch.path}/home/.sandbox/requests`;
    assert.deepEqual(await names(requests).catch(() => []), []);
  });
}

Deno.test("codex sandbox windows keeps its SIDs in CODEX_HOME/cap_sid", async () => {
  await using house = await makeHouse(wine);
  for (let time = 0; time < 2; time++) {
    const result = await house.wine.run(sandboxWords(house, ["--full-auto"], ["cmd", "/c", "exit"]), {
      env: house.env,
    });
    assert.equal(result.code, 0, result.stderr);
  }
  const sids = JSON.parse(await Deno.readTextFile(`${house.scratch.path}/home/cap_sid`));
  assert.deepEqual(Object.keys(sids), ["workspace", "readonly", "workspace_by_cwd", "writable_root_by_path"]);
  const key = house.scratch.windows("ws").replaceAll("\\", "/").toLowerCase();
  assert.deepEqual(Object.keys(sids.workspace_by_cwd), [key]);
  assert.match(sids.workspace_by_cwd[key], /^S-1-5-21(-\d+){4}$/);
});

Deno.test("codex sandbox windows refuses a cap_sid that it did not write", async () => {
  await using house = await makeHouse(wine);
  await Deno.writeTextFile(`${house.scratch.path}/home/cap_sid`, '{"workspace":"S-1-1-0","readonly":"S-1-1-0"}');
  const result = await house.wine.run(sandboxWords(house, ["--full-auto"], ["cmd", "/c", "echo ran"]), {
    env: house.env,
  });
  assert.notEqual(result.code, 0);
  assert.equal(result.stdout, "");
  assert.match(result.stderr, /cap_sid": it holds no security identifiers/);
});

Deno.test("the helper refuses a request of another version, one cut short, and none", async () => {
  await using house = await makeHouse(wine);
  const body = new TextEncoder().encode(JSON.stringify({ version: 2, type: "launch", payload: {} }));
  const frame = Uint8Array.of(body.length, 0, 0, 0, ...body);
  const stage = [house.scratch.windows("codex.exe"), "__sandbox-stage", "windows-helper"];
  for (
    const [bytes, why] of [[frame, /version 2, not 1/], [frame.subarray(0, 9), /cut short/], [
      null,
      /one request/,
    ]] as const
  ) {
    if (bytes !== null) await Deno.writeFile(`${house.scratch.path}/request`, bytes);
    const words = bytes === null ? stage : [...stage, house.scratch.windows("request")];
    const result = await house.wine.run(words, { env: house.env });
    assert.equal(result.code, 125, JSON.stringify(result));
    assert.match(result.stderr, why);
  }
});

Deno.test("what a command leaves in the background ends with it", async () => {
  await using house = await makeHouse(wine);
  const command = ["cmd", "/c", "start /b ping -n 300 127.0.0.1 >nul & exit 3"];
  const result = await house.wine.run(sandboxWords(house, [], command), { env: house.env });
  assert.equal(result.code, 3, JSON.stringify(result));
  assert.equal(await runningPings(house), "");
});

Deno.test("a command ends with the program that started its sandbox, and nothing of it stays", async () => {
  await using house = await makeHouse(wine);
  const command = ["cmd", "/c", "echo started & ping -n 300 127.0.0.1"];
  const line = house.wine.command(sandboxWords(house, ["--full-auto"], command), house.env);
  await using child = new RunningProcess(line);
  await child.waitForLine(/started/);
  await waitUntil("the command runs", async () => await runningPings(house) !== "");
  child.signal("SIGKILL");
  await child.exit();
  await waitUntil("the command ends", async () => await runningPings(house) === "");
  await waitUntil("no name is held", async () => (await names(`${house.scratch.path}/ws`)).length === 0);
});

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

/** Command lines of this test's own pings. */
async function runningPings(house: House): Promise<string> {
  const found = await run({ command: "pgrep", args: ["-af", "ping(.exe)? +-n 300"] });
  return found.stdout.split("\n").filter((line) => line !== "" && !line.includes(house.scratch.windows("codex.exe")))
    .join("\n");
}
