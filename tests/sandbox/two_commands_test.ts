// Ways out that take two commands: the first leaves something in the workspace that the next sandbox would follow.
// Whatever it left, the second may not write where the plan's roots, as they were before the first, do not reach.
import { deepEqual, equal } from "node:assert/strict";
import { CodexError } from "../../src/base/errors.ts";
import { exists, House, planFor, whyNoSandbox } from "./house.ts";

const skipReason = await whyNoSandbox();
const ignore = skipReason !== null;
if (ignore) Deno.test.ignore(`sandbox tests are skipped: ${skipReason}`, () => {});

interface Pair {
  readonly name: string;
  /** Bash, outside, in the folder of `ws` and `safe`. */
  readonly scene?: string;
  readonly first: string;
  /** Ends with 0 when it wrote to `safe`. */
  readonly second: string;
  /** Relative to the folder. */
  readonly roots?: readonly string[];
}

const PAIRS: readonly Pair[] = [
  { name: "a missing root becomes a link", first: "ln -s ../safe out", second: "touch out/x", roots: ["ws/out"] },
  {
    name: "a missing root becomes a link to a link",
    first: "ln -s ../safe b; ln -s b out",
    second: "touch out/x",
    roots: ["ws/out"],
  },
  {
    name: "a folder above a missing root becomes a link",
    scene: "mkdir safe/out",
    first: "ln -s ../safe up",
    second: "touch up/out/x",
    roots: ["ws/up/out"],
  },
  {
    name: "a missing root becomes a link to the disk",
    first: "ln -s / out",
    second: "touch ../safe/x",
    roots: ["ws/out"],
  },
];

for (const { name, scene, first, second, roots = [] } of PAIRS) {
  Deno.test({
    ignore,
    name: `two commands: ${name}`,
    async fn(): Promise<void> {
      for (const bare of [true, false]) {
        await using house = new House();
        await Deno.mkdir(`${house.folder}/safe`);
        await house.run(`cd ..; ${scene ?? ":"}`, { bare: true });
        const writableRoots = roots.map((root) => `${house.folder}/${root}`);
        const plan = planFor(house.workspace, { type: "workspaceWrite", writableRoots });
        const run = async (script: string): Promise<number | string> => {
          try {
            return (await house.run(script, { plan, bare })).exitCode;
          } catch (error) {
            if (error instanceof CodexError && error.code === "SANDBOX_UNAVAILABLE") return error.code;
            throw error;
          }
        };
        await run(first);
        const outcome = await run(second);

        const written = [...Deno.readDirSync(`${house.folder}/safe`)].some((entry) => entry.name === "x") ||
          exists(`${house.folder}/safe/out/x`);
        deepEqual({ bare, written }, { bare, written: bare }, `second: ${outcome}`);
        equal(outcome === 0, bare);
      }
    },
  });
}
