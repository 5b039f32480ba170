// What the sandbox costs: `codex sandbox` as a whole process, and a sandboxed command inside of a running server over the
// same command without a sandbox. Beside bare bubblewrap and the reference, in the same rounds.

import { connectWebSocket, type RawClient, startWebSocketServer } from "../support/json_rpc.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import { type CommandLine, run, waitUntil } from "../support/process.ts";
import { type Scratch, testEnv } from "../support/workspace.ts";
import { type Figure, median } from "./figures.ts";

const RUNS = 15;
const TURNS = 9;
const COMMANDS = 10;
/** How often a turn of the reference that loses commands is tried; ours must not lose any. */
const PEER_TRIES = 5;
/** What a launch in the server may take beyond bubblewrap. */
const ALLOWED_MS = 5;

/** Commands of a turn failed, or were never told of. */
class LostCommands extends Error {}

interface Sides {
  ours: CommandLine;
  /** The command that users of the reference run, and the program behind it. */
  launcher: CommandLine;
  native: CommandLine;
  scratch: Scratch;
}

/** One server: milliseconds per command, and what stands between it and one. */
interface Measured {
  sandboxed(): Promise<number>;
  bare(): Promise<number>;
  chain(): Promise<string[]>;
}

export async function measureSandbox({ ours, launcher, native, scratch }: Sides): Promise<Figure[]> {
  const name = crypto.randomUUID();
  const workspace = await scratch.workspace(`ws_${name}`);
  const home = await scratch.home(`home_${name}`, { baseUrl: "http://127.0.0.1:9/v1" });
  const env = testEnv(home);
  const figures: Figure[] = [];
  for (const mode of [[], ["--full-auto"]]) {
    const words = ["sandbox", "linux", ...mode, "--", "true"];
    const samples = await interleave(RUNS, {
      ours: () => timed(ours, words, workspace, env),
      npm: () => timed(launcher, words, workspace, env),
      native: () => timed(native, words, workspace, env),
    });
    const mine = { name: "codex", values: samples.ours };
    const label = `codex ${words.join(" ")}`;
    figures.push(
      {
        name: `${label} against the npm-installed reference`,
        unit: "ms",
        ours: mine,
        other: { name: "reference", values: samples.npm },
        atMost: 1.1,
      },
      {
        name: `${label} against the program inside of that package`,
        unit: "ms",
        ours: mine,
        other: { name: "reference, native", values: samples.native },
        note: "no bound: the runtime alone takes longer to start (see --version)",
      },
    );
  }
  figures.push(await measureResident(ours, workspace, env));
  return figures;
}

export async function measureServerSandbox({ ours, native, scratch }: Sides): Promise<Figure[]> {
  await using cleanup = new AsyncDisposableStack();
  const model = await startModelStandIn();
  cleanup.defer(() => model.close());
  const open = async (line: CommandLine): Promise<Measured> => {
    const name = crypto.randomUUID();
    const workspace = await scratch.workspace(`ws_${name}`);
    const home = await scratch.home(`home_${name}`, { baseUrl: model.baseUrl, trusted: [workspace] });
    const { server, url } = await startWebSocketServer(line, { cwd: workspace, env: testEnv(home) });
    cleanup.use(server);
    const client = cleanup.use(await connectWebSocket(url));
    await client.initialize();
    const thread = async (sandbox: string): Promise<() => Promise<number>> => {
      const started = await client.request("thread/start", { cwd: workspace, sandbox, approvalPolicy: "never" });
      return () => perCommand(client, started.thread.id);
    };
    const chain = async (): Promise<string[]> => {
      const started = await client.request("thread/start", {
        cwd: workspace,
        sandbox: "workspace-write",
        approvalPolicy: "never",
      });
      return await betweenServerAndCommand(client, { threadId: started.thread.id, workspace, serverPid: server.pid });
    };
    return { sandboxed: await thread("workspace-write"), bare: await thread("danger-full-access"), chain };
  };
  const mine = await open(ours);
  const theirs = await open(native);
  const chain = await mine.chain();
  const bare = await bareBwrap(ours, scratch);
  let lostTurns = 0;
  const samples = await interleave(TURNS, {
    oursSandboxed: mine.sandboxed,
    oursBare: mine.bare,
    theirsSandboxed: () => retried(theirs.sandboxed, () => lostTurns++),
    theirsBare: theirs.bare,
    bwrap: () => repeated(bare),
    nothing: () => repeated({ command: "/bin/true", args: [] }),
  });
  const less = (values: number[], others: number[]): number[] => values.map((value, at) => value - others[at]!);
  const cost = less(samples.oursSandboxed, samples.oursBare);
  const theirCost = less(samples.theirsSandboxed, samples.theirsBare);
  const bwrap = less(samples.bwrap, samples.nothing);
  const name = "a sandboxed command in the running server";
  return [
    {
      name: `${name}, beyond the same command without a sandbox`,
      unit: "ms",
      ours: { name: "codex", values: cost },
      other: { name: `bare bwrap + ${ALLOWED_MS}`, values: bwrap.map((value) => value + ALLOWED_MS) },
      atMost: 1,
    },
    {
      name: `${name}, own overhead`,
      unit: "ms",
      ours: { name: "codex, less bare bwrap", values: less(cost, bwrap) },
      other: { name: "reference, less bare bwrap", values: less(theirCost, bwrap) },
      atMost: 1 / 3,
      note: `all in all: ours ${median(cost).toFixed(1)}, reference ${median(theirCost).toFixed(1)}, bwrap ${
        median(bwrap).toFixed(1)
      }; turns of the reference run again because they lost commands: ${lostTurns}`,
    },
    {
      name: "nothing but bubblewrap between the server and a sandboxed command",
      unit: "ok",
      ours: { name: "processes", values: [chain.length] },
      holds: chain.length > 0 && chain.every((name) => name === "bwrap"),
      note: chain.join(", "),
    },
  ];
}

/** Names of the processes from the server down to a command of a turn, both left out. */
async function betweenServerAndCommand(
  client: RawClient,
  { threadId, workspace, serverPid }: { threadId: string; workspace: string; serverPid: number },
): Promise<string[]> {
  const gate = `${workspace}/gate`;
  await run({ command: "mkfifo", args: [gate] });
  // For both directions it opens at once; the command ends when it is closed.
  const end = await Deno.open(gate, { read: true, write: true });
  const turn = client.turn(threadId, "%sh:exec cat gate");
  let found: string[] | undefined;
  try {
    await waitUntil("the command of the turn runs", async () => {
      found = await ancestors("cat", serverPid);
      return found !== undefined;
    });
  } finally {
    end.close();
  }
  await turn;
  return found ?? [];
}

/** Names of the processes between a program of this name and the process above it; undefined when there is none. */
async function ancestors(program: string, top: number): Promise<string[] | undefined> {
  const tree = await run({ command: "ps", args: ["-eo", "pid=,ppid=,comm="] });
  const all = tree.stdout.trim().split("\n").map((row) => row.trim().split(/\s+/));
  const parents = new Map(all.map(([pid, parent, name = ""]) => [Number(pid), { parent: Number(parent), name }]));
  for (const { parent, name } of parents.values()) {
    if (name !== program) continue;
    const between: string[] = [];
    let at = parent;
    for (let entry = parents.get(at); entry !== undefined && at !== top; entry = parents.get(at)) {
      between.unshift(entry.name);
      at = entry.parent;
    }
    if (at === top) return between;
  }
  return undefined;
}

/**
 * bubblewrap by itself with the mounts of our plan, and nothing else of us: no filter, nobody who listens. Folders of its
 * own stand for the names that we keep from coming into being.
 */
async function bareBwrap(ours: CommandLine, scratch: Scratch): Promise<CommandLine> {
  const name = crypto.randomUUID();
  const workspace = await scratch.workspace(`ws_${name}`);
  const home = await scratch.home(`home_${name}`, { baseUrl: "http://127.0.0.1:9/v1" });
  const args = [...ours.args, "sandbox", "linux", "--full-auto", "--print-plan", "--", "/bin/true"];
  const { stdout } = await run({ command: ours.command, args }, { cwd: workspace, env: testEnv(home) });
  const [command, ...words]: string[] = JSON.parse(stdout).launch.argv;
  const places = new Map<string, string>();
  for (const [at, word] of words.entries()) {
    if (word === "--tmpfs") places.set(words[at + 1]!, `${scratch.path}/place_${name}_${places.size}`);
  }
  for (const place of places.values()) await Deno.mkdir(place);
  const ownOptions = new Set(["--seccomp", "--info-fd"]);
  const kept = words.filter((word, at) => !ownOptions.has(word) && !ownOptions.has(words[at - 1] ?? ""));
  return { command: command!, args: kept.map((word) => places.get(word) ?? word) };
}

/** One of each in turn, so that a busy machine slows all; the first round warms up. */
async function interleave<Name extends string>(
  rounds: number,
  sides: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const ms = await sides[name]();
      if (round >= 0) samples[name].push(ms);
    }
  }
  return samples;
}

async function perCommand(client: RawClient, threadId: string): Promise<number> {
  const words = Array.from({ length: COMMANDS }, () => "%sh:true").join(" ");
  const from = client.log.length;
  const start = performance.now();
  await client.turn(threadId, words);
  const ms = performance.now() - start;
  const ends = client.log.slice(from).map(({ message }) => message).filter(({ method, params }) =>
    method === "item/completed" && params.item.type === "commandExecution"
  );
  const good = ends.filter(({ params }) => params.item.exitCode === 0).length;
  if (good !== COMMANDS) {
    const outputs = ends.filter(({ params }) => params.item.exitCode !== 0).map(({ params }) =>
      params.item.aggregatedOutput
    );
    throw new LostCommands(`${good} of ${COMMANDS} commands succeeded: ${JSON.stringify(outputs)}`);
  }
  return ms / COMMANDS;
}

/** Calls `onLost` each time before it tries again. */
async function retried(measure: () => Promise<number>, onLost: () => void): Promise<number> {
  for (let tries = 1;; tries++) {
    try {
      return await measure();
    } catch (error) {
      if (tries === PEER_TRIES || !(error instanceof LostCommands)) throw error;
      onLost();
    }
  }
}

async function repeated(line: CommandLine): Promise<number> {
  const start = performance.now();
  for (let count = 0; count < COMMANDS; count++) await timed(line, [], "/", {});
  return (performance.now() - start) / COMMANDS;
}

async function timed(line: CommandLine, words: string[], cwd: string, env: Record<string, string>): Promise<number> {
  const start = performance.now();
  const { success, stderr } = await new Deno.Command(line.command, {
    args: [...line.args, ...words],
    cwd,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  const ms = performance.now() - start;
  if (!success) throw new Error(`${line.command} ${words.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  return ms;
}

/** Nothing of this program stays beside the command: the process that was started is bubblewrap by then. */
async function measureResident(line: CommandLine, cwd: string, env: Record<string, string>): Promise<Figure> {
  const child = new Deno.Command(line.command, {
    args: [...line.args, "sandbox", "linux", "--full-auto", "--", "sh", "-c", "echo ready; cat"],
    cwd,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  const tree = await run({
    command: "ps",
    args: ["-o", "comm=", "-p", String(child.pid), "--ppid", String(child.pid)],
  });
  await child.stdin.close();
  await reader.cancel();
  await child.status;
  const names = tree.stdout.trim().split("\n");
  return {
    name: "no process of ours stays beside a sandboxed command",
    unit: "ok",
    ours: { name: "processes", values: [names.length] },
    // Small shells remove mount points at the end; they wait and do nothing else.
    holds: names[0] === "bwrap" && names.every((name) => name === "bwrap" || name === "sh"),
    note: names.join(", "),
  };
}
