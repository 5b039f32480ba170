// What a plan hides stays hidden: by name, by pattern, from root and from an ordinary user, through links, second names
// and moved folders. Each attempt reads the secret outside of the sandbox first, so that it can fail.
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { CodexError } from "../../src/base/errors.ts";
import type { SandboxPlan } from "../../src/sandbox/plan.ts";
import { House, libc, NOBODY, planFor, runAsNobody, whyNoSandbox } from "./house.ts";

const skipReason = await whyNoSandbox();
const ignore = skipReason !== null;
if (skipReason !== null) Deno.test.ignore(`sandbox tests are skipped: ${skipReason}`, () => {});
const isRoot = Deno.uid() === 0;
libc();

const PATH = "/usr/local/bin:/usr/bin:/bin";

interface Hiding {
  readonly hidden?: readonly string[];
  readonly hiddenPatterns?: readonly string[];
  readonly roots?: readonly string[];
  readonly writable?: readonly string[];
  readonly everything?: boolean;
  readonly cwd?: string;
}

/** Paths are relative to the house. */
function planOf(house: House, hiding: Hiding): SandboxPlan {
  const at = (paths: readonly string[] | undefined): string[] => (paths ?? []).map((path) => `${house.folder}/${path}`);
  const cwd = hiding.cwd === undefined ? house.workspace : `${house.folder}/${hiding.cwd}`;
  return {
    ...planFor(cwd),
    writable: at(hiding.writable ?? ["ws"]),
    readable: { everything: hiding.everything ?? true, platform: true, roots: at(hiding.roots) },
    hidden: at(hiding.hidden),
    hiddenPatterns: at(hiding.hiddenPatterns),
  };
}

async function runIn(house: House, sandbox: SandboxPlan | null, script: string): Promise<string> {
  const session = await house.sessions.start({
    argv: ["/bin/bash", "-c", `exec 2>&1; ${script}`],
    cwd: sandbox?.cwd ?? house.workspace,
    env: { PATH, LC_ALL: "C" },
    tty: false,
    sandbox,
  }, () => {});
  await session.exited;
  return session.aggregatedOutput();
}

async function secretHouse(): Promise<House> {
  const house = new House();
  const write = (path: string, text: string): Promise<void> => Deno.writeTextFile(`${house.folder}/${path}`, text);
  for (const folder of ["ws/app/deep", "ws/secrets/open", "vault/shelf"]) {
    await Deno.mkdir(`${house.folder}/${folder}`, { recursive: true });
  }
  await write("ws/.env", "SECRET\n");
  await write("ws/app/deep/prod.env", "SECRET\n");
  await write("ws/app/code", "code\n");
  await write("ws/secrets/key", "SECRET\n");
  await write("ws/secrets/open/note", "note\n");
  await write("vault/key", "SECRET\n");
  await write("vault/shelf/book", "book\n");
  return house;
}

const ENV_FILES: Hiding = { hiddenPatterns: ["ws/**/*.env"] };
const VAULT: Hiding = { hidden: ["vault", "ws/secrets"] };

/** Each reads a secret outside; inside it must not. */
const ATTEMPTS: readonly { readonly name: string; readonly hiding: Hiding; readonly script: string }[] = [
  { name: "reads a file that a pattern matches", hiding: ENV_FILES, script: "cat .env" },
  { name: "reads one deep down", hiding: ENV_FILES, script: "cat app/deep/prod.env" },
  { name: "copies it", hiding: ENV_FILES, script: "cp .env copy; cat copy; rm -f copy" },
  { name: "gives it a second name", hiding: ENV_FILES, script: "ln .env second && cat second; rm -f second" },
  { name: "gives it another name", hiding: ENV_FILES, script: "mv .env moved; cat moved; mv moved .env" },
  { name: "makes it readable", hiding: ENV_FILES, script: "chmod 666 .env; cat .env" },
  { name: "reads it through a link", hiding: ENV_FILES, script: "ln -s .env link; cat link; rm link" },
  { name: "moves the folder around it", hiding: ENV_FILES, script: "mv app gone; cat gone/deep/prod.env; mv gone app" },
  { name: "reads it by its number", hiding: ENV_FILES, script: "cat /proc/self/cwd/.env /proc/1/cwd/.env" },
  { name: "reads it by the root of a process", hiding: ENV_FILES, script: "cat /proc/self/root$PWD/.env" },
  { name: "unmounts what hides it", hiding: ENV_FILES, script: "umount .env; umount -l .env; cat .env" },
  { name: "reads in a hidden folder", hiding: VAULT, script: "cat ../vault/key" },
  { name: "reads in a hidden folder of its own", hiding: VAULT, script: "cat secrets/key" },
  { name: "moves a hidden folder", hiding: VAULT, script: "mv secrets s; cat s/key; mv s secrets" },
  {
    name: "reads around what is open",
    hiding: { hidden: ["ws/secrets"], roots: ["ws/secrets/open"] },
    script: "cat secrets/key",
  },
  {
    name: "reads beside its few roots",
    hiding: { everything: false, roots: ["ws"] },
    script: "cat ../vault/key",
  },
  {
    name: "reads a hidden file below its few roots",
    hiding: { everything: false, roots: ["ws"], writable: [], hidden: ["ws/secrets/key"] },
    script: "cat secrets/key",
  },
];

for (const { name, hiding, script } of ATTEMPTS) {
  Deno.test({
    ignore,
    name: `sandbox: a command that ${name} learns nothing`,
    async fn(): Promise<void> {
      await using house = await secretHouse();
      // The mount of a sandbox is not there outside, so `umount` fails and the file is read.
      match(await runIn(house, null, script), /SECRET/);
      const inside = await runIn(house, planOf(house, hiding), script);
      equal(/SECRET/.test(inside), false, inside);
    },
  });
  Deno.test({
    ignore: ignore || !isRoot,
    name: `sandbox: a command of an ordinary user that ${name} learns nothing`,
    async fn(): Promise<void> {
      await using house = await secretHouse();
      await new Deno.Command("chown", { args: ["-R", `${NOBODY}:${NOBODY}`, house.workspace] }).output();
      const plan = planOf(house, hiding);
      match(await runIn(house, null, script), /SECRET/);
      const { output } = await runAsNobody(await house.finder.find(plan), plan, `exec 2>&1; ${script}`);
      equal(/SECRET/.test(output), false, output);
    },
  });
}

Deno.test({
  ignore,
  name: "sandbox: a part of a hidden folder is open when it is named, its neighbours are absent",
  async fn(): Promise<void> {
    await using house = await secretHouse();
    const hiding = { hidden: ["vault", "ws/secrets"], roots: ["vault/shelf"], writable: ["ws", "ws/secrets/open"] };
    const script = "cat ../vault/shelf/book secrets/open/note; touch secrets/open/x && echo wrote; " +
      "touch ../vault/shelf/x || echo held; ls ../vault; [ -e ../vault/key ] || echo absent; touch secrets/x || echo held";
    const output = await runIn(house, planOf(house, hiding), script);
    equal(
      output.replaceAll(/^(touch|ls): .*\n/gm, ""),
      "book\nnote\nwrote\nheld\nabsent\nheld\n",
    );
  },
});

Deno.test({
  ignore,
  name: "sandbox: a folder can be moved within its pattern, and what it holds is hidden there again",
  async fn(): Promise<void> {
    await using house = await secretHouse();
    const plan = planOf(house, ENV_FILES);
    equal(await runIn(house, plan, "mv app other && cat other/code"), "code\n");
    match(await runIn(house, plan, "cat other/deep/prod.env"), /Permission denied/);
  },
});

Deno.test({
  ignore,
  name: "sandbox: hiding leaves nothing in the folders, and a hidden name that is missing cannot be made",
  async fn(): Promise<void> {
    await using house = await secretHouse();
    const plan = planOf(house, { hidden: ["ws/later", "elsewhere/later"], hiddenPatterns: ["ws/**/*.env"] });
    match(await runIn(house, plan, "mkdir later/x; echo x > later || echo held"), /held/);
    deepEqual(house.names(), [".env", "app", "secrets"]);
    deepEqual([...Deno.readDirSync(house.folder)].map(({ name }) => name).sort(), ["vault", "ws"]);
  },
});

const REFUSALS: readonly (readonly [string, (house: House) => Promise<Hiding>, RegExp])[] = [
  ["a hidden file with a second name", async (house) => {
    await Deno.link(`${house.workspace}/.env`, `${house.workspace}/copy`);
    return ENV_FILES;
  }, /Cannot hide ".*\/\.env": it can be read by 1 other name \(hard links\)/],
  ["a hidden path through a link of the workspace", async (house) => {
    await Deno.symlink("../vault", `${house.workspace}/v`);
    return { hidden: ["ws/v/key"] };
  }, /Cannot use ".*\/ws\/v\/key" in a sandbox: ".*\/ws\/v" is a link that a sandboxed command could replace/],
  ["a writable root that is a link of the workspace", async (house) => {
    await Deno.symlink("../vault", `${house.workspace}/out`);
    return { writable: ["ws", "ws/out"] };
  }, /Cannot use ".*\/ws\/out" in a sandbox/],
  ["a working folder that is hidden", () => Promise.resolve({ hidden: ["vault"], cwd: "vault" }), /does not show it/],
  [
    "a working folder beside the few roots",
    () => Promise.resolve({ everything: false, roots: ["vault"], writable: [] }),
    /does not show it/,
  ],
  ["a match whose name is not text", async (house) => {
    const script = "printf x > $'\\xff.env'";
    await new Deno.Command("/bin/bash", { args: ["-c", script], cwd: house.workspace }).output();
    return ENV_FILES;
  }, /Cannot hide ".*\*\.env": a name below ".*" is not UTF-8/],
];

for (const [name, prepare, expected] of REFUSALS) {
  Deno.test({
    ignore,
    name: `sandbox: ${name} is refused`,
    async fn(): Promise<void> {
      await using house = await secretHouse();
      const plan = planOf(house, await prepare(house));
      await rejects(runIn(house, plan, "true"), (error: unknown) => {
        return error instanceof CodexError && error.code === "SANDBOX_UNAVAILABLE" && expected.test(error.message) &&
          error.hint !== undefined;
      });
    },
  });
}
