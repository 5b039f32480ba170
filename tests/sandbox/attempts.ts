// Attempts to get out of the sandbox. Each is made twice by the same user, with the same script in folders made the
// same way: outside of a sandbox, where it must get through (else it proves nothing), and inside, where it must not.
import { deepEqual } from "node:assert/strict";
import type { SandboxPlan } from "../../src/sandbox/plan.ts";
import { run, RunningProcess } from "../support/process.ts";
import { ensureTools } from "../support/tools.ts";
import { AS_NOBODY, House, NOBODY, planFor, runAsNobody } from "./house.ts";

export interface Attempt {
  readonly name: string;
  /** A bash script, in the workspace; it got through when it ends with 0. */
  readonly script: string;
  /** A bash script that makes the scene before each attempt: the same user, outside, in the folder of `ws`. */
  readonly scene?: string;
  /** Outside only root gets through: then root shows that the attempt is one, whoever makes it inside. */
  readonly onlyRoot?: boolean;
  /** Default: workspace-write without a network. */
  readonly plan?: (house: House) => SandboxPlan;
  /** On a terminal of its own. Made by this process's user only. */
  readonly tty?: boolean;
}

export type User = "this user" | "an ordinary user";
export type Verdict = "got through" | "held" | "broken";

/** What each user's neighbour says of itself: environment variables for the attempts. */
type Told = Readonly<Record<User, Readonly<Record<string, string>>>>;

const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;
const SOURCES = ["main.c", "sockets.c", "processes.c", "kernel.c"];

/** The programs that attempt, and for each user somebody of the same user outside who is attacked. */
export class Attempts {
  readonly #folder: string;
  readonly #neighbours: readonly RunningProcess[];
  readonly #told: Told;

  private constructor(folder: string, neighbours: readonly RunningProcess[], told: Told) {
    this.#folder = folder;
    this.#neighbours = neighbours;
    this.#told = told;
  }

  /** Compiles the programs and starts the neighbours. Outside of /tmp, which sandboxes may write to. */
  static async open(): Promise<Attempts> {
    await ensureTools(["gcc", "python3"], () => {});
    const folder = await Deno.realPath(await Deno.makeTempDir({ dir: "/var/tmp", prefix: "codex-attempts-" }));
    await Deno.chmod(folder, 0o755);
    const sources = new URL("attempts/", import.meta.url).pathname;
    await compile(SOURCES.map((name) => sources + name), `${folder}/attempt`);
    await compile([`${sources}neighbour.c`], `${folder}/neighbour`);
    const own = await startNeighbour(folder, "own", []);
    const nobody = isRoot ? await startNeighbour(folder, "nobody", AS_NOBODY) : own;
    return new Attempts(folder, [...new Set([own.process, nobody.process])], {
      "this user": own.told,
      "an ordinary user": nobody.told,
    });
  }

  async close(): Promise<void> {
    for (const neighbour of this.#neighbours) {
      await neighbour.closeStdin();
      await neighbour.exit();
      await neighbour.stop();
    }
    await Deno.remove(this.#folder, { recursive: true });
  }

  /** Two tests: for this process's user and, as root, for an ordinary one. */
  register(subject: string, attempts: readonly Attempt[], ignore: boolean): void {
    const users: readonly User[] = isRoot ? ["this user", "an ordinary user"] : ["this user"];
    for (const attempt of attempts) {
      for (const user of attempt.tty === true ? users.slice(0, 1) : users) {
        Deno.test({
          name: `${subject}: ${attempt.name} (${user}${user === "this user" && isRoot ? ", root" : ""})`,
          // Without root there is nobody to show that it gets through outside.
          ignore: ignore || (attempt.onlyRoot === true && !isRoot),
          fn: () => this.prove(attempt, user),
        });
      }
    }
  }

  async prove(attempt: Attempt, user: User): Promise<void> {
    const outside = await this.#try(attempt, attempt.onlyRoot === true ? "this user" : user, "outside");
    const inside = await this.#try(attempt, user, "inside");
    deepEqual(
      { outside: outside.verdict, inside: inside.verdict },
      { outside: "got through", inside: "held" },
      [
        `Attempt: ${attempt.script}`,
        `Outside: ${outside.output}`,
        `Inside: ${inside.output}`,
      ].join("\n"),
    );
  }

  /** All of them in one command, in one folder, outside and inside: quick, where they leave each other alone. */
  async proveTogether(attempts: readonly Attempt[], user: User, plan: (house: House) => SandboxPlan): Promise<void> {
    const each = attempts.map(({ name, script }) =>
      `(${script}\n) > /dev/null 2>&1
      case $? in 0) echo "${name}: got through";; 126|127|3) echo "${name}: broken";; *) echo "${name}: held";; esac`
    );
    const scene = attempts.map((attempt) => attempt.scene ?? "").join("\n");
    const all: Attempt = { name: "all", script: `${each.join("\n")}\n`, scene, plan };
    const others = async (by: User, place: "inside" | "outside", wanted: Verdict): Promise<string[]> => {
      const { output } = await this.#try(all, by, place);
      return attempts.map(({ name }) => new RegExp(`^${name}: .*$`, "m").exec(output)?.[0] ?? `${name}: not made`)
        .filter((line) => !line.endsWith(`: ${wanted}`));
    };
    const onlyRoot = attempts.every((attempt) => attempt.onlyRoot === true);
    deepEqual(await others(onlyRoot ? "this user" : user, "outside", "got through"), []);
    deepEqual(await others(user, "inside", "held"), []);
  }

  async #try(attempt: Attempt, user: User, place: "inside" | "outside"): Promise<{ verdict: Verdict; output: string }> {
    await using house = new House();
    const nobody = user === "an ordinary user";
    if (nobody) await Deno.chown(house.folder, NOBODY, NOBODY);
    if (nobody) await Deno.chown(house.workspace, NOBODY, NOBODY);
    const env = { ...this.#told[user], ATTEMPT: `${this.#folder}/attempt`, HOUSE: house.folder };
    if (attempt.scene !== undefined) {
      const scene = await outsideAs(nobody, house.folder, `set -e\n${attempt.scene}`, env);
      if (scene.exitCode !== 0) throw new Error(`Cannot make the scene of "${attempt.name}": ${scene.output}`);
    }
    const script =
      `(${attempt.script}\n)\ncase $? in 0) echo got through;; 126|127|3) echo broken;; *) echo held;; esac`;
    const { output } = place === "outside" && attempt.tty !== true
      ? await outsideAs(nobody, house.workspace, script, env)
      : await this.#inside(house, { attempt, nobody, script, env, bare: place === "outside" });
    // What is typed into a terminal is echoed.
    const verdict = output.replaceAll("\r", "").trimEnd().split("\n").at(-1)?.trim();
    return { verdict: verdict === "got through" || verdict === "held" ? verdict : "broken", output };
  }

  async #inside(house: House, { attempt, nobody, script, env, bare }: {
    attempt: Attempt;
    nobody: boolean;
    script: string;
    env: Readonly<Record<string, string>>;
    bare: boolean;
  }): Promise<{ readonly output: string }> {
    const plan = attempt.plan?.(house) ?? planFor(house.workspace);
    if (!nobody) return await house.run(script, { plan, env, bare, tty: attempt.tty === true });
    return await runAsNobody(await house.finder.find(plan), plan, script, env);
  }
}

async function outsideAs(
  nobody: boolean,
  cwd: string,
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<{ exitCode: number; output: string }> {
  const [command = "", ...args] = [...(nobody ? AS_NOBODY : []), "/bin/bash", "-c", `exec 2>&1\n${script}`];
  const { code, stdout } = await run({ command, args }, {
    cwd,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", HOME: "/nonexistent", ...env },
    timeoutMs: 30_000,
  });
  return { exitCode: code, output: stdout };
}

async function compile(sources: readonly string[], target: string): Promise<void> {
  const { code, stderr } = await run({ command: "gcc", args: ["-O1", "-Wall", "-o", target, ...sources, "-lrt"] });
  if (code !== 0) throw new Error(`Cannot compile ${target}: ${stderr}`);
}

async function startNeighbour(
  folder: string,
  name: string,
  identity: readonly string[],
): Promise<{ process: RunningProcess; told: Readonly<Record<string, string>> }> {
  const sockets = `${folder}/${name}`;
  await Deno.mkdir(sockets);
  if (identity.length > 0) await Deno.chown(sockets, NOBODY, NOBODY);
  const secret = crypto.randomUUID();
  const [command = "", ...args] = [...identity, `${folder}/neighbour`, sockets, secret];
  const process = new RunningProcess({ command, args }, { stdin: true });
  await process.waitForLine(/^READY=1/);
  return { process, told: Object.fromEntries(process.stdoutLines.map((line) => line.split("=", 2))) };
}
