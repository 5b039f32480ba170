// Which bubblewrap is run: never one that a workspace brings, and none at all rather than a command without sandbox.
import { equal, match, rejects } from "node:assert/strict";
import { CodexError } from "../../src/base/errors.ts";
import { createLauncherFinder } from "../../src/sandbox/find_launcher.ts";
import { createExecSessions } from "../../src/exec/sessions.ts";
import { House, libc, makeFinder, planFor, whyNoSandbox } from "./house.ts";

const skipReason = await whyNoSandbox();
const ignore = skipReason !== null;

/** A program called bwrap that leaves a mark and works like a probe wants it. */
async function plantBwrap(folder: string, mark: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/bwrap`, `#!/bin/sh\ntouch ${mark}\necho works\n`, { mode: 0o755 });
}

function isMarked(mark: string): boolean {
  try {
    return Deno.statSync(mark).isFile;
  } catch {
    return false;
  }
}

Deno.test("findLauncher: without bwrap on PATH there is an error that says what to install, and no run", async () => {
  await using house = new House();
  const finder = makeFinder(house.folder);
  const sessions = createExecSessions({ launchers: finder, libc, nowMs: () => 0 });
  const request = {
    argv: ["/bin/sh", "-c", "touch ran"],
    cwd: house.workspace,
    env: {},
    tty: false,
    sandbox: planFor(house.workspace),
  };
  await rejects(sessions.start(request, () => {}), (error: unknown) => {
    if (!(error instanceof CodexError)) return false;
    equal(error.code, "SANDBOX_UNAVAILABLE");
    match(error.message, /bubblewrap/);
    match(error.hint ?? "", /apt-get install bubblewrap/);
    return true;
  });
  equal(house.names().length, 0);
});

const PLACES: readonly (readonly [string, (house: House) => { folder: string; cwd: string }])[] = [
  ["the workspace", (house) => ({ folder: house.workspace, cwd: house.workspace })],
  ["the root of the repository", (house) => ({ folder: `${house.workspace}/bin`, cwd: `${house.workspace}/sub` })],
];

for (const [name, place] of PLACES) {
  for (const link of [false, true]) {
    Deno.test({
      ignore,
      // The caretaker of this finder's mount points stays.
      sanitizeOps: false,
      sanitizeResources: false,
      name: `findLauncher: a bwrap in ${name} is passed over${link ? ", reached through a link too" : ""}`,
      async fn(): Promise<void> {
        await using house = new House();
        const { folder, cwd } = place(house);
        await Deno.mkdir(`${house.workspace}/.git`, { recursive: true });
        await Deno.mkdir(cwd, { recursive: true });
        const mark = `${house.folder}/mark`;
        await plantBwrap(folder, mark);
        const onPath = link ? `${house.folder}/link` : folder;
        if (link) await Deno.symlink(folder, onPath);
        const launcher = await makeFinder(`${onPath}:/usr/bin:/bin`).find(planFor(cwd));
        const launch = await launcher.prepare(planFor(cwd), { argv: ["true"], cwd, env: {}, ownTerminal: false });
        await launch.release();
        equal(isMarked(mark), false);
        equal(launch.spec.argv[0], await Deno.realPath("/usr/bin/bwrap"));
      },
    });
  }
}

Deno.test({
  ignore,
  name: "findLauncher: a bwrap in a writable root is passed over",
  async fn(): Promise<void> {
    const folder = await Deno.makeTempDir({ dir: "/tmp" });
    const mark = `${folder}/mark`;
    try {
      await using house = new House();
      await plantBwrap(folder, mark);
      await makeFinder(`${folder}:/usr/bin`).find(planFor(house.workspace));
      equal(isMarked(mark), false);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("findLauncher: a bwrap that does not work is an error, each time anew until it does", async () => {
  await using house = new House();
  const bin = `${house.folder}/bin`;
  await Deno.mkdir(bin);
  const fake = async (text: string): Promise<void> => {
    await Deno.writeTextFile(`${bin}/bwrap`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  const finder = makeFinder(bin);
  await fake("echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1");
  await rejects(finder.find(planFor(house.workspace)), /user namespaces.*uid map: Permission denied/);
  await fake("exit 9");
  await rejects(finder.find(planFor(house.workspace)), /does not work: exit code 9/);
  await fake("echo works");
  await finder.find(planFor(house.workspace));
});

Deno.test("findLauncher: a system without a launcher, or without its sandbox, says so", async () => {
  for (
    const [platform, code] of [
      // Without a home there is nowhere to hand a command over in.
      [{ os: "windows", family: "windows", arch: "x86_64", uid: null }, "SANDBOX_UNAVAILABLE"],
      // This is no Mac.
      [{ os: "macos", family: "unix", arch: "aarch64", uid: 501 }, "SANDBOX_UNAVAILABLE"],
    ] as const
  ) {
    const finder = createLauncherFinder({ platform, environment: {} });
    await rejects(finder.find(planFor("/")), (error: unknown) => error instanceof CodexError && error.code === code);
  }
});
