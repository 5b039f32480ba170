// Which bubblewrap is chosen, that trying it is bounded and remembered, and how commands end that cannot start.
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { CodexError } from "../../src/base/errors.ts";
import { readPlatform } from "../../src/host/platform.ts";
import { createLauncherFinder } from "../../src/sandbox/find_launcher.ts";
import { probeBwrap } from "../../src/sandbox/linux/bwrap_probe.ts";
import { createBwrapFinder } from "../../src/sandbox/linux/find_bwrap.ts";
import { readKernelLimits } from "../../src/sandbox/linux/kernel_limits.ts";
import { sandboxStartWarnings } from "../../src/sandbox/linux/start_warnings.ts";
import { House, planFor, whyNoSandbox } from "./house.ts";

const skipReason = await whyNoSandbox();
const ignore = skipReason !== null;
if (skipReason !== null) Deno.test.ignore(`sandbox tests are skipped: ${skipReason}`, () => {});
const uid = Deno.uid();

async function fakeBwrap(folder: string, text: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/bwrap`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

function namesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

function count(path: string): number {
  try {
    return Deno.readTextFileSync(path).length;
  } catch {
    return 0;
  }
}

Deno.test({
  ignore,
  name: "findBwrap: one that does not work is passed over for the next on PATH",
  async fn(): Promise<void> {
    await using house = new House();
    await fakeBwrap(`${house.folder}/bin`, "exit 9");
    const choice = await createBwrapFinder({ home: null, uid }).find({
      searchPath: `${house.folder}/bin:/usr/bin`,
      excludedRoots: [],
    });
    deepEqual([choice.path, choice.isBundled, choice.troubles.length], [
      await Deno.realPath("/usr/bin/bwrap"),
      false,
      1,
    ]);
  },
});

Deno.test("findBwrap: what worked is remembered for the next process until the program changes; failures are not", async () => {
  await using house = new House();
  const bin = `${house.folder}/bin`;
  const search = { searchPath: bin, excludedRoots: [] };
  const tries = `${house.folder}/tries`;
  const home = `${house.folder}/home`;
  const find = (): Promise<unknown> => createBwrapFinder({ home, uid }).find(search);
  await fakeBwrap(bin, `printf x >> ${tries}; exit 9`);
  await rejects(find());
  await rejects(find());
  equal(count(tries), 2);
  await fakeBwrap(bin, `printf x >> ${tries}; echo works`);
  await Promise.all([find(), find(), find()]);
  const after = count(tries);
  await find();
  equal(count(tries), after);
  deepEqual(namesIn(home), ["sandbox_probe.json"]);
  await fakeBwrap(bin, `printf x >> ${tries}; echo works # changed`);
  await find();
  equal(count(tries), after + 1);
  await Deno.writeTextFile(`${home}/sandbox_probe.json`, '{"a":');
  await find();
  equal(count(tries), after + 2);
});

Deno.test("probeBwrap: one that hangs is given up, with all that it started", async () => {
  await using house = new House();
  await fakeBwrap(`${house.folder}/bin`, "trap '' TERM; sleep 600 & wait");
  const started = performance.now();
  await rejects(probeBwrap(`${house.folder}/bin/bwrap`, readKernelLimits, 100), /gave no answer within 100 ms/);
  ok(performance.now() - started < 2_000);
});

Deno.test({
  ignore: ignore || uid !== 0,
  name: "probeBwrap: where a fresh /proc is refused, this one is shared, read-only",
  async fn(): Promise<void> {
    await using house = new House();
    const probe = new URL("../../src/sandbox/linux/bwrap_probe.ts", import.meta.url);
    const entry = `${house.folder}/entry.ts`;
    await Deno.writeTextFile(
      entry,
      `import { probeBwrap } from "${probe}"; const noLimits = () => Promise.reject(new Error("no limits"));` +
        `console.log(await probeBwrap("/usr/bin/bwrap", noLimits, 20_000)); Deno.exit(0);`,
    );
    // Something over a part of the only /proc, as containers have it: the kernel then gives nobody an unmasked one.
    const script = 'awk \'$3 == "proc" && $2 != "/proc" { print $2 }\' /proc/mounts | xargs -r umount -l && ' +
      'mount --bind /dev/null /proc/keys && exec "$@"';
    const { stdout, stderr } = await new Deno.Command("unshare", {
      args: ["-m", "sh", "-c", script, "sh", Deno.execPath(), "run", "-A", "--no-check", "--quiet", entry],
      cwd: new URL("../../", import.meta.url),
    }).output();
    equal(new TextDecoder().decode(stdout), "shared\n", new TextDecoder().decode(stderr));
  },
});

Deno.test("findLauncher: WSL1 is refused with the reason, before anything is tried", async () => {
  const finder = createLauncherFinder({
    platform: { ...readPlatform(), os: "linux" },
    environment: { PATH: "/usr/bin" },
    procVersion: "Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)",
  });
  await rejects(finder.find(planFor("/")), (error: unknown) => {
    return error instanceof CodexError && error.code === "SANDBOX_UNSUPPORTED" && /WSL1/.test(error.message) &&
      /wsl --set-version/.test(error.hint ?? "");
  });
});

Deno.test("sandboxStartWarnings: nothing when bubblewrap works, what to install when it is missing", async () => {
  const platform = readPlatform();
  const ask = (searchPath: string) =>
    sandboxStartWarnings({ platform, environment: { PATH: searchPath }, folder: "/nonexistent", home: null });
  if (!ignore) deepEqual(await ask("/usr/bin"), []);
  const [warning] = await ask("/nonexistent");
  match(warning?.summary ?? "", /bubblewrap \(bwrap\) is not on PATH/);
  match(warning?.details ?? "", /apt-get install bubblewrap/);
});

const STARTS: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  ["not there", ["/nonexistent/program"], 127, /^\/nonexistent\/program: command not found\n$/],
  ["on no PATH", ["no-such-program"], 127, /^no-such-program: command not found\n$/],
  ["without words", [""], 127, /command not found/],
  ["a folder", ["/usr"], 126, /^\/usr: Is a directory\n$/],
  ["not executable", ["/etc/passwd"], 126, /^\/etc\/passwd: Permission denied\n$/],
  ["not executable, in the workspace", ["./plain"], 126, /Permission denied/],
  ["hidden", ["./hidden-tool"], 127, /command not found/],
  ["fine, relative", ["./tool"], 3, /^$/],
  ["fine, on PATH", ["sh", "-c", "exit 4"], 4, /^$/],
];

for (const [name, argv, exitCode, output] of STARTS) {
  for (const bare of [false, true]) {
    if (bare && ["hidden", "without words"].includes(name)) continue;
    Deno.test({
      ignore,
      name: `exec: a program that is ${name} ends with ${exitCode}${bare ? " without a sandbox" : ""}`,
      async fn(): Promise<void> {
        await using house = new House();
        for (const tool of ["tool", "hidden-tool"]) {
          await Deno.writeTextFile(`${house.workspace}/${tool}`, "#!/bin/sh\nexit 3\n", { mode: 0o755 });
        }
        await Deno.writeTextFile(`${house.workspace}/plain`, "text\n");
        const sandbox = { ...planFor(house.workspace), hidden: [`${house.workspace}/hidden-tool`] };
        const session = await house.sessions.start({
          argv,
          cwd: house.workspace,
          env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
          tty: false,
          sandbox: bare ? null : sandbox,
        }, () => {});
        equal((await session.exited).exitCode, exitCode, session.aggregatedOutput());
        if (!bare) match(session.aggregatedOutput(), output);
      },
    });
  }
}
