// The stage around a command on a terminal: it takes the terminal on standard input for its own, and becomes the command
// line of its words. It runs outside of the sandbox, which those words start. macOS has no program for that.
import { messageOf } from "../../base/errors.ts";
import { printStderr } from "../../host/stdio.ts";
import { becomeTerminalLeader, type LeaderFailure } from "../../host/terminal_leader.ts";

const ENOENT = 2;
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

/** Comes back only when the command line cannot be started. */
export function runTerminalStage(argv: readonly string[]): number {
  let failure: LeaderFailure;
  try {
    failure = becomeTerminalLeader(argv);
  } catch (error) {
    failure = { errno: 0, message: messageOf(error) };
  }
  printStderr(`${argv[0] ?? ""}: ${failure.message}\n`);
  return failure.errno === ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}
