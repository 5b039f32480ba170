// `deno task test [kinds…]`: runs the kinds of tests, one folder each, and ends with "N passed, M failed" over all of
// them. A kind without a single test is a failure, and so is one whose run ends without a summary.
//
// Usage: deno task test [--binary PATH] [--filter TEXT] [kinds…]    (default: every kind, from source)

import { projectRoot } from "./support/codex_under_test.ts";
import { ensureTools } from "./support/tools.ts";

interface Kind {
  name: string;
  /** Programs that its tests need. */
  tools: string[];
  /** True: its files may run side by side; kinds that time a whole machine do not. */
  parallel: boolean;
  /** Measures what only the binary is: left out from source, unless asked for by name. */
  binaryOnly?: true;
}

const KINDS: Kind[] = [
  { name: "unit", tools: ["git"], parallel: true },
  { name: "conversations", tools: ["git", "bwrap"], parallel: true },
  { name: "screens", tools: ["git", "bwrap", "tmux"], parallel: true },
  { name: "fuzz", tools: [], parallel: true },
  { name: "cli", tools: ["git", "bwrap", "tmux", "openssl"], parallel: true },
  { name: "sandbox", tools: ["git", "bwrap", "gcc", "python3"], parallel: false },
  { name: "conformance", tools: ["git", "bwrap"], parallel: false },
  { name: "reference", tools: ["git", "bwrap", "tmux"], parallel: false },
  { name: "faults", tools: ["git", "bwrap", "tmux"], parallel: true },
  { name: "operation", tools: ["git", "bwrap", "openssl", "nginx", "sshd", "ip", "systemd-analyze"], parallel: false },
  { name: "windows", tools: ["debootstrap"], parallel: false, binaryOnly: true },
  { name: "load", tools: ["git"], parallel: false, binaryOnly: true },
];

const KIND_TIMEOUT_MS = 6 * 60_000;

interface Outcome {
  kind: string;
  passed: number;
  failed: number;
  ignored: number;
  seconds: number;
  note: string;
  /** Names of the ignored tests. */
  notRun: string[];
}

interface Options {
  kinds: Kind[];
  binary: string | undefined;
  filter: string | undefined;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function parseArgs(args: string[]): Options {
  const names: string[] = [];
  let binary: string | undefined;
  let filter: string | undefined;
  for (let at = 0; at < args.length; at++) {
    if (args[at] === "--binary") binary = Deno.realPathSync(args[++at] ?? "");
    else if (args[at] === "--filter") filter = args[++at];
    else names.push(args[at]!);
  }
  const unknown = names.filter((name) => !KINDS.some((kind) => kind.name === name));
  if (unknown.length > 0) {
    throw new TypeError(`Unknown kind ${unknown.join(", ")}: there are ${KINDS.map((kind) => kind.name).join(", ")}`);
  }
  const all = KINDS.filter((kind) => kind.binaryOnly !== true || binary !== undefined);
  const kinds = names.length === 0 ? all : KINDS.filter((kind) => names.includes(kind.name));
  return { kinds, binary, filter };
}

async function runKind(kind: Kind, options: Options): Promise<Outcome> {
  const start = performance.now();
  say(`\n== ${kind.name}`);
  const nothing = { kind: kind.name, passed: 0, failed: 1, ignored: 0, notRun: [] };
  const seconds = (): number => (performance.now() - start) / 1000;
  try {
    await ensureTools(Deno.build.os === "linux" ? kind.tools : kind.tools.filter((tool) => tool !== "bwrap"), say);
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    say(note);
    return { ...nothing, seconds: seconds(), note };
  }
  const args = ["test", "-A", "--no-check", "--permit-no-files"];
  if (kind.parallel) args.push("--parallel");
  if (options.filter !== undefined) args.push("--filter", options.filter);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, `tests/${kind.name}/`],
    cwd: projectRoot(),
    env: { NO_COLOR: "1", ...(options.binary === undefined ? {} : { CODEX_TEST_BINARY: options.binary }) },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  // A test that hangs is a failure, not a night.
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
  }, KIND_TIMEOUT_MS);
  let tail = "";
  let rest = "";
  const notRun: string[] = [];
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    Deno.stdout.writeSync(chunk);
    const text = decoder.decode(chunk, { stream: true });
    tail = (tail + text).slice(-4000);
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    notRun.push(...lines.flatMap((line) => /^(.*) \.\.\. ignored\b/.exec(line)?.[1] ?? []));
  }
  const { code } = await child.status;
  clearTimeout(timer);
  const summary = [...tail.matchAll(/^(?:ok|FAILED) \| (\d+) passed.*?\| (\d+) failed(?:.*?\| (\d+) ignored)?/gm)].at(
    -1,
  );
  if (summary === undefined) return { ...nothing, seconds: seconds(), note: hung ? "hung" : "no summary" };
  const passed = Number(summary[1]);
  const ignored = Number(summary[3] ?? 0);
  let failed = Number(summary[2]);
  let note = "";
  if (passed + failed === 0) {
    failed = 1;
    note = "no tests";
  } else if (code !== 0 && failed === 0) {
    failed = 1;
    note = `deno test ended with ${code}`;
  }
  return { kind: kind.name, passed, failed, ignored, seconds: seconds(), note, notRun };
}

function table(outcomes: Outcome[]): string {
  const row = (...cells: string[]): string =>
    `${cells[0]!.padEnd(14)}${cells.slice(1, 5).map((cell) => cell.padStart(9)).join("")}  ${cells[5] ?? ""}`;
  return [
    row("kind", "passed", "failed", "ignored", "seconds", ""),
    ...outcomes.map((each) =>
      row(each.kind, String(each.passed), String(each.failed), String(each.ignored), each.seconds.toFixed(1), each.note)
    ),
  ].join("\n");
}

async function main(): Promise<number> {
  const options = parseArgs(Deno.args);
  const outcomes: Outcome[] = [];
  for (const kind of options.kinds) outcomes.push(await runKind(kind, options));
  const passed = outcomes.reduce((sum, each) => sum + each.passed, 0);
  const failed = outcomes.reduce((sum, each) => sum + each.failed, 0);
  say(`\n${table(outcomes)}\n`);
  // Nothing is left out in silence.
  for (const { kind, notRun } of outcomes) for (const name of notRun) say(`not run here: ${kind}: ${name}`);
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

try {
  Deno.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  Deno.exitCode = 2;
}
