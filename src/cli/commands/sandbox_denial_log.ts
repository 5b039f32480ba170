// `codex sandbox --log-denials` on macOS: the system's log is followed while the command runs, and what Seatbelt and our
// proxies refused is told at the end.
import { denialText, explainDecisions } from "../../sandbox/denial.ts";
import { type DenialLog, denialText as seatbeltText, followDenials } from "../../sandbox/macos/denial_log.ts";
import type { NetworkDecision } from "../../sandbox/network_proxy/network_decision.ts";

export interface LoggedRun {
  /** What the profile of this run marks its denials with. */
  readonly tag: string;
  /** Starts the command; settles with its exit code. */
  start(): Promise<number>;
  networkDecisions(): readonly NetworkDecision[];
  printStderr(text: string): void;
  /** Default: the system's log. */
  readonly follow?: (tag: string) => Promise<DenialLog>;
}

/** Letters, digits and dashes, other than any before. */
export function makeLogTag(): string {
  return `codex-${crypto.randomUUID()}`;
}

/** The command's exit code. @throws CodexError EXEC_FAILED, before the command starts, when there is no log to follow. */
export async function runWithDenialLog(run: LoggedRun): Promise<number> {
  const log = await (run.follow ?? followDenials)(run.tag);
  let exitCode: number;
  try {
    exitCode = await run.start();
  } catch (error) {
    await log.stop();
    throw error;
  }
  const texts = [
    ...(await log.stop()).map(seatbeltText),
    ...explainDecisions(run.networkDecisions()).map(denialText),
  ];
  const lines = texts.length === 0 ? ["no refusal found in the system's log"] : [...new Set(texts)];
  run.printStderr(lines.map((text) => `codex sandbox: ${text}\n`).join(""));
  return exitCode;
}
