// The stage that is started in the network namespace of a sandbox to make listening sockets there. It says which
// descriptors they are and waits until they were taken (its input ends). It never runs a command.
import { rawListen, type RawListenOutcome, type RawListenTarget } from "../../host/raw_listen.ts";
import { openSocketCalls } from "../../host/socket_calls.ts";
import { printStdout, stdinBytes } from "../../host/stdio.ts";

/** What the stage prints, as one line of JSON: an outcome for each target, in their order. */
export type ListenReport = readonly RawListenOutcome[];

/** The one word: JSON of the targets. */
export async function runListenStage([targets = "[]"]: readonly string[]): Promise<number> {
  const calls = openSocketCalls();
  // Our own launcher wrote it.
  const asked = JSON.parse(targets) as readonly RawListenTarget[];
  const report: ListenReport = asked.map((target) => rawListen(calls, target));
  printStdout(`${JSON.stringify(report)}\n`);
  for await (const _chunk of stdinBytes());
  return 0;
}
