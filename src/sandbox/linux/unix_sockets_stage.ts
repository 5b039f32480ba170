// The stage before the sandbox that hands the decision about each `connect` to whoever started it: it lays a filter on
// itself that asks, gives the listener away, waits until it was taken and becomes the sandbox's launcher.
import { messageOf } from "../../base/errors.ts";
import { localAddress } from "../../host/local_socket.ts";
import { ENOENT, replaceProcess } from "../../host/process_replace.ts";
import { lastArguments, startEnvironment } from "../../host/raw_start.ts";
import { forbidNewPrivileges, installListener, openRestrictCalls } from "../../host/restrict_calls.ts";
import { AF_UNIX, openSocketCalls, SOCK_CLOEXEC, SOCK_STREAM, type SocketCalls } from "../../host/socket_calls.ts";
import { printStderr } from "../../host/stdio.ts";
import { connectListenerFilter, type SeccompArchitecture } from "./seccomp.ts";

/** The stage's first word, as JSON; the words of the launcher follow. */
export interface SocketStageOrder {
  /** The abstract socket on which the supervisor waits. */
  readonly supervisor: string;
  readonly architecture: SeccompArchitecture;
  /** How many descriptors from 3 on are for the launcher. */
  readonly descriptors: number;
  readonly words: number;
}

/** What the supervisor says when it has the listener; else a reason. */
export const TAKEN = "taken";

const FIRST_FD = 3;
const REPLY_BYTES = 256;
const EXIT_FAILED = 1;
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

export function runSocketStage([text = "{}"]: readonly string[]): number {
  // Our own launcher wrote it.
  const order = JSON.parse(text) as SocketStageOrder;
  const argv = lastArguments(order.words);
  try {
    giveListenerAway(openSocketCalls(), order);
  } catch (error) {
    printStderr(`codex sandbox: ${messageOf(error)}\n`);
    return EXIT_FAILED;
  }
  const fds = Array.from({ length: order.descriptors }, (_, index) => FIRST_FD + index);
  const { errno, message } = replaceProcess({ argv, environment: startEnvironment(), cwd: ".", fds });
  printStderr(`codex sandbox: ${argv[0]}: ${message}\n`);
  return errno === ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

function giveListenerAway(calls: SocketCalls, { supervisor, architecture }: SocketStageOrder): void {
  const line = calls.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const address = localAddress({ abstract: supervisor });
  // Before the filter: nobody would answer for this one.
  if (calls.connect(line, address, address.length) !== 0) throw new Error("Cannot reach the supervisor of the sandbox");
  const restrict = openRestrictCalls();
  forbidNewPrivileges(restrict);
  const listener = installListener(restrict, connectListenerFilter(architecture));
  const word = new TextEncoder().encode(String(listener));
  const reply = new Uint8Array(REPLY_BYTES);
  const count = calls.send(line, word, BigInt(word.length), 0) > 0n
    ? calls.recv(line, reply, BigInt(REPLY_BYTES), 0)
    : 0n;
  const said = new TextDecoder().decode(reply.subarray(0, Math.max(0, Number(count))));
  if (said !== TAKEN) throw new Error(`Cannot supervise the sandbox: ${said || "nobody is there"}`);
  calls.close(listener);
}
