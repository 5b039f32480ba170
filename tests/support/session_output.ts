// What a command of the agent prints, read as it comes.
import type { ExecSession } from "../../src/exec/session.ts";

/** Collects output until it matches; line ends of a terminal become plain ones. */
export async function outputUntil(session: ExecSession, wanted: RegExp): Promise<string> {
  let output = "";
  while (!wanted.test(output)) {
    await session.outputReady();
    output += session.takeNewOutput();
    if (session.exit !== null && !wanted.test(output)) throw new Error(`Ended before ${wanted}: ${output}`);
  }
  return output.replaceAll("\r", "");
}
