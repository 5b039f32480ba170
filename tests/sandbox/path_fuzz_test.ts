// Random plans over random trees with hostile names: what a command can really read and write is what the plan says, for
// every path. And values that are no good path end in an error that people can read, or in a sandbox that holds.
import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { CodexError } from "../../src/base/errors.ts";
import { NO_NETWORK, parentsFirst, type SandboxPlan } from "../../src/sandbox/plan.ts";
import { accessInPlan } from "../../src/sandbox/plan_access.ts";
import { House, planFor, runLaunch, whyNoSandbox } from "./house.ts";

const reason = await whyNoSandbox();
const options = { ignore: reason !== null, sanitizeOps: false, sanitizeResources: false } as const;

const NAMES = [
  ...[
    "a",
    "b b",
    "'q\"",
    "-rf",
    "*",
    "[x]",
    "?",
    "ü",
    "…",
    ".dot",
    "...",
    "$(touch x)",
    "back\\slash",
    "tab\tx",
    "--bind",
  ],
  "n".repeat(255),
];
const RUNS = 120;

/** Of each word: "write", "read" or "none", one a line. A folder is written to by making something in it. */
const PROBE = `
for path do
  if [ -d "$path" ]; then
    if mkdir "$path/.probe" 2>/dev/null; then rmdir "$path/.probe"; echo write
    elif ls -A "$path" >/dev/null 2>&1; then echo read; else echo none; fi
  elif ( : >>"$path" ) 2>/dev/null; then echo write
  elif cat "$path" >/dev/null 2>&1; then echo read
  else echo none; fi
done`;

type Spelling = (path: string) => string;
/** Other ways to say the same path; a plan is made of any of them. */
const SPELLINGS: readonly Spelling[] = [
  (path) => path,
  (path) => `${path}/`,
  (path) => path.replaceAll("/", "//"),
  (path) => `${path}/./`,
  (path) => `${path}/x/..`,
];

const tree = fc.array(fc.array(fc.nat(NAMES.length - 1), { minLength: 1, maxLength: 3 }), {
  minLength: 4,
  maxLength: 12,
});
const choice = fc.array(fc.tuple(fc.nat(), fc.nat(SPELLINGS.length - 1)), { maxLength: 4 });
const plans = fc.record({
  tree,
  everything: fc.boolean(),
  readable: choice,
  writable: choice,
  protected: choice,
  hidden: choice,
});

Deno.test({
  ...options,
  name: `sandbox: ${RUNS} random plans over trees with hostile names hold, path by path`,
  async fn(): Promise<void> {
    await fc.assert(
      fc.asyncProperty(plans, async (wish) => {
        await using house = new House();
        const root = `${house.workspace}/t`;
        const all = new Set<string>();
        for (const steps of wish.tree) {
          const names = steps.map((index) => NAMES[index]!);
          for (let depth = 1; depth <= names.length; depth++) all.add([root, ...names.slice(0, depth)].join("/"));
        }
        // What has something below it is a folder; every other one of the rest is a file.
        const paths = [...all].sort();
        const isFolder = (path: string, at: number): boolean =>
          paths.some((other) => other.startsWith(`${path}/`)) || at % 2 === 0;
        await Deno.mkdir(root);
        for (const [at, path] of paths.entries()) {
          if (isFolder(path, at)) await Deno.mkdir(path);
          else await Deno.writeTextFile(path, "text");
        }
        const pick = (choices: readonly (readonly [number, number])[]): readonly string[] =>
          parentsFirst(choices.map(([at, how]) => SPELLINGS[how]!(paths[at % paths.length]!)));
        const plan: SandboxPlan = {
          readable: { everything: wish.everything, platform: true, roots: [root, ...pick(wish.readable)] },
          writable: pick(wish.writable),
          protected: pick(wish.protected),
          hidden: pick(wish.hidden),
          hiddenPatterns: [],
          network: NO_NETWORK,
          cwd: "/usr",
        };
        const launcher = await house.finder.find(plan);
        const launch = await launcher.prepare(plan, {
          argv: ["/bin/sh", "-c", PROBE, "sh", ...paths],
          cwd: "/usr",
          env: { PATH: "/usr/bin:/bin" },
          ownTerminal: false,
        });
        const { output } = await runLaunch(launch);
        const found = output.trimEnd().split("\n");
        const wrong = paths.flatMap((path, at) => {
          const { kind } = accessInPlan(plan, path);
          return found[at] === kind ? [] : [`${path.slice(root.length)} is ${found[at]}, not ${kind}`];
        });
        equal(
          wrong.length,
          0,
          wrong.join("\n") + JSON.stringify({ ...plan, readable: plan.readable.roots }, null, 1).replaceAll(root, ""),
        );
      }),
      { numRuns: RUNS, seed: 4, endOnFailure: true },
    );
  },
});

const HOSTILE: readonly (readonly [name: string, path: (folder: string) => string])[] = [
  ["a NUL", (folder) => `${folder}/a\0b`],
  ["a line end", (folder) => `${folder}/a\nb`],
  ["a line end in a folder that is there", (folder) => `${folder}/line\nend`],
  ["a lone surrogate", (folder) => `${folder}/\ud800`],
  ["a byte that is not UTF-8", (folder) => `${folder}/\udcff`],
  ["a name of 256 bytes", (folder) => `${folder}/${"x".repeat(256)}`],
  ["4,096 bytes", (folder) => `${folder}/${"y/".repeat(2_000)}`],
  ["10,000 bytes", (folder) => `${folder}/${"z".repeat(10_000)}`],
  ["dots above the root", (folder) => `${folder}/${"../".repeat(60)}etc/codex-none`],
  ["nothing", () => ""],
  ["no slash in front", () => "etc"],
  ["a tilde", () => "~root"],
  ["a folder of the kernel", () => "/proc/self/root"],
  ["a descriptor", () => "/proc/self/fd/0"],
];
const LISTS = ["writable", "protected", "hidden", "readable"] as const;

for (const [name, make] of HOSTILE) {
  Deno.test({
    ...options,
    name: `sandbox: a path with ${name} is refused in words, or changes nothing`,
    async fn(): Promise<void> {
      await using house = new House();
      await Deno.mkdir(`${house.workspace}/line\nend`);
      const base = planFor(house.workspace);
      for (const list of LISTS) {
        const path = make(house.workspace);
        const plan: SandboxPlan = list === "readable"
          ? { ...base, readable: { ...base.readable, roots: [path] } }
          : { ...base, [list]: [...base[list], path] };
        const outcome = await house.run("echo ran; touch /usr/codex-escaped /etc/codex-escaped", { plan }).catch((
          error,
        ) => error);
        if (outcome instanceof Error) {
          ok(outcome instanceof CodexError, `${list}: ${outcome}`);
          continue;
        }
        ok(/^ran$/m.test(outcome.output) || /^bwrap: /.test(outcome.output), `${list}: ${outcome.output}`);
        equal(outcome.exitCode, 1, list);
      }
      for (const place of ["/usr/codex-escaped", "/etc/codex-escaped"]) equal(await isThere(place), false);
    },
  });
}

Deno.test({
  ...options,
  name: "sandbox: 300 writable roots hold, and more than bubblewrap takes are refused in words",
  async fn(): Promise<void> {
    await using house = new House();
    const roots = Array.from({ length: 2_400 }, (_, at) => `${house.workspace}/r${at}`);
    for (const root of roots) await Deno.mkdir(root);
    const plan: SandboxPlan = { ...planFor(house.workspace), protected: [] };
    const some = await house.run("touch r299/x && echo in; touch y || echo out", {
      plan: { ...plan, writable: roots.slice(0, 300) },
    });
    ok(/^in\n.*Read-only.*\nout\n$/s.test(some.output), some.output.slice(0, 500));
    const refused = await house.run("echo ran", { plan: { ...plan, writable: roots } }).catch((error) => error);
    ok(refused instanceof CodexError && refused.code === "SANDBOX_UNAVAILABLE", String(refused).slice(0, 500));
  },
});

Deno.test({
  ...options,
  name: "sandbox: a command of 20,000 words gets all of them",
  async fn(): Promise<void> {
    await using house = new House();
    const plan = planFor(house.workspace);
    const words = Array.from({ length: 20_000 }, (_, at) => String(at));
    const launch = await (await house.finder.find(plan)).prepare(plan, {
      argv: ["/bin/echo", ...words],
      cwd: house.workspace,
      env: { PATH: "/usr/bin:/bin" },
      ownTerminal: false,
    });
    const { output, exitCode } = await runLaunch(launch);
    equal(exitCode, 0);
    ok(output === `${words.join(" ")}\n`, output.slice(0, 200));
  },
});

Deno.test({
  ...options,
  name: "sandbox: a name that flips between folder and link while sandboxes start never opens what is outside",
  async fn(): Promise<void> {
    await using house = new House();
    const flipped = `${house.workspace}/flip`;
    await Deno.mkdir(`${house.folder}/outside`);
    await Deno.mkdir(`${house.workspace}/real`);
    const flip = new Deno.Command("/bin/sh", {
      args: ["-c", `while :; do rm -rf flip; mkdir flip; rm -rf flip; ln -s ../outside flip; done`],
      cwd: house.workspace,
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      const base = planFor(house.workspace);
      const plan: SandboxPlan = { ...base, hidden: [flipped] };
      let ran = 0;
      for (let count = 0; count < 40; count++) {
        const outcome = await house.run("echo ran; touch flip/x 2>/dev/null", { plan }).catch((error) => error);
        if (outcome instanceof Error) ok(outcome instanceof CodexError, String(outcome));
        else if (/^ran$/m.test(outcome.output)) ran++;
        deepEqual([...Deno.readDirSync(`${house.folder}/outside`)], []);
      }
      ok(ran >= 0);
    } finally {
      flip.kill("SIGKILL");
      await flip.status;
    }
  },
});

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
