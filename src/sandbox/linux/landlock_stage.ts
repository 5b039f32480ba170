// The stage that becomes a command under Landlock: in this order it gives up privileges, files, capabilities and system
// calls, and then this process too. Whatever fails on the way is the end, before the command runs.
import { messageOf } from "../../base/errors.ts";
import { enforceRuleset } from "../../host/landlock.ts";
import { ENOENT, replaceProcess } from "../../host/process_replace.ts";
import { lastArguments, startEnvironment } from "../../host/raw_start.ts";
import {
  dieWithParent,
  dropCapabilities,
  forbidNewPrivileges,
  installFilter,
  openRestrictCalls,
  takeTerminal,
} from "../../host/restrict_calls.ts";
import { isStderrTerminal, isStdinTerminal, isStdoutTerminal, printStderr } from "../../host/stdio.ts";
import { type LandlockOrder, landlockRuleset } from "./landlock_rules.ts";
import { type SeccompArchitecture, seccompFilter, type SeccompFilterName } from "./seccomp.ts";

/** The stage's first word, as JSON; the words of the command follow. */
export interface LandlockStageOrder extends Omit<LandlockOrder, "terminals"> {
  readonly filter: SeccompFilterName;
  readonly architecture: SeccompArchitecture;
  readonly cwd: string;
  readonly ownTerminal: boolean;
  readonly dieWithParent: boolean;
  /** How many words the command has. */
  readonly words: number;
}

const EXIT_FAILED = 1;
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

export function runLandlockStage([text = "{}"]: readonly string[]): Promise<number> {
  // Our own launcher wrote it.
  const order = JSON.parse(text) as LandlockStageOrder;
  const argv = lastArguments(order.words);
  try {
    confine(order);
  } catch (error) {
    printStderr(`codex sandbox: ${messageOf(error)}\n`);
    return Promise.resolve(EXIT_FAILED);
  }
  // It replaces the process: the rights are gone already.
  const { errno, message } = replaceProcess({ argv, environment: startEnvironment(), cwd: order.cwd, fds: [] });
  printStderr(`codex sandbox: ${argv[0]}: ${message}\n`);
  return Promise.resolve(errno === ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

function confine(order: LandlockStageOrder): void {
  const calls = openRestrictCalls();
  if (order.dieWithParent) dieWithParent(calls);
  if (order.ownTerminal) takeTerminal(calls);
  const isTerminal = [isStdinTerminal(), isStdoutTerminal(), isStderrTerminal()];
  const terminals = isTerminal.flatMap((is, fd) => is ? [fd] : []);
  forbidNewPrivileges(calls);
  enforceRuleset(calls, landlockRuleset({ ...order, terminals }));
  dropCapabilities(calls);
  installFilter(calls, seccompFilter(order.filter, order.architecture));
}
