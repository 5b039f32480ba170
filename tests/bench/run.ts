// `deno task bench`: the figures that the product is held to, in one run with the reference, as ratios. Runs of the
// two sides are interleaved, so that a busy machine slows both. Writes results/<date>.md; exits 1 when a figure is
// missed; with --report, ratios that are missed are named without failing the run. Needs dist/codex (`deno task build`) and is run by the very deno that built it.

import { projectRoot } from "../support/codex_under_test.ts";
import { referenceCommand, referenceNativeCommand } from "../support/reference.ts";
import { makeScratch } from "../support/workspace.ts";
import { measureDeltas } from "./deltas.ts";
import { measureHandshakes, measureResume } from "./handshakes.ts";
import { measureInitialize } from "./initialize.ts";
import { measureRoundTrips } from "./round_trips.ts";
import { type Figure, figureTable, judge, pool, ratio } from "./figures.ts";
import { measureSandbox, measureServerSandbox } from "./sandbox.ts";
import { buildHello, measureVersion } from "./version.ts";

/** Where ratios only inform, one more try is enough. */
const MORE_TRIES = Deno.args.includes("--report") ? 1 : 2;

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

async function main(): Promise<number> {
  const ours = { command: Deno.env.get("CODEX_TEST_BINARY") || `${projectRoot()}dist/codex`, args: [] };
  if (!await exists(ours.command)) {
    say(`Cannot measure: no ${ours.command}; run \`deno task build\` first`);
    return 1;
  }
  ours.command = await Deno.realPath(ours.command);
  const launcher = await referenceCommand();
  const native = await referenceNativeCommand();
  await using scratch = await makeScratch();

  const hello = await buildHello(scratch.path);
  const parts = [
    () => measureVersion({ ours, hello, launcher }),
    () => measureSandbox({ ours, launcher, native, scratch }),
    () => measureServerSandbox({ ours, launcher, native, scratch }),
    () => measureInitialize({ ours, reference: native, folder: scratch.path }),
    () => measureRoundTrips({ ours, reference: native, scratch }),
    () => measureDeltas({ ours, reference: native, scratch }),
    () => measureHandshakes({ ours, reference: native, scratch }),
    () => measureResume({ ours, reference: native, scratch }),
  ];
  const figures: Figure[] = [];
  for (const part of parts) {
    let measured = await part();
    // A shared machine has bad minutes: a missed figure is measured again, and every sample counts.
    for (let again = 0; again < MORE_TRIES && !measured.every(judge); again++) {
      measured = pool(measured, await part());
    }
    say(figureTable(measured));
    figures.push(...measured);
  }

  const path = await writeResults(figures);
  say(`Results: ${path}`);
  // Where other work shares the machine, ratios are reported by name and only what is right or wrong decides.
  const isReport = Deno.args.includes("--report");
  const missed = figures.filter((figure) => !judge(figure));
  for (const figure of missed) say(`MISSED on this machine: ${figure.name}, ratio ${ratio(figure).toFixed(2)}`);
  const failed = missed.filter((figure) => !isReport || figure.holds === false).length;
  say(`${figures.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function writeResults(figures: Figure[]): Promise<string> {
  const date = new Date().toISOString().slice(0, 10);
  const folder = `${projectRoot()}tests/bench/results`;
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/${date}.md`;
  const text = [
    `# Bench ${date}`,
    "",
    `Deno ${Deno.version.deno}, ${Deno.build.target}, ${navigator.hardwareConcurrency} cores, load ${
      Deno.loadavg().map((load) => load.toFixed(1)).join(" ")
    }. Compare ratios, not milliseconds: the machine may be shared.`,
    "",
    figureTable(figures),
    "",
  ].join("\n");
  await Deno.writeTextFile(path, text);
  return path;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

Deno.exitCode = await main();
