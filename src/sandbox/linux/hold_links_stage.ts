// The stage inside a sandbox that holds links in place: it mounts each on itself, gives up what let it do that, binds
// itself to the filter and becomes the command. Anything that does not work ends it, and no command has run.
import { messageOf } from "../../base/errors.ts";
import { openOwnMounts, type OwnMounts } from "../../host/own_mounts.ts";
import { ENOENT, replaceProcess } from "../../host/process_replace.ts";
import { dropCapabilities, forbidNewPrivileges, installFilter, openRestrictCalls } from "../../host/restrict_calls.ts";
import { startEnvironment } from "../../host/raw_start.ts";
import { printStderr } from "../../host/stdio.ts";
import { decodeRequest, type HeldLink } from "./held_links.ts";

const EXIT_NOT_CONFINED = 125;
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

/** The words: numbers of the descriptors with the filter and with the request (`encodeRequest`). */
export function runHoldLinksStage([filterFd = "", requestFd = ""]: readonly string[]): number {
  let argv: readonly string[];
  try {
    const mounts = openOwnMounts();
    const filter = mounts.readDescriptor(Number(filterFd));
    const request = decodeRequest(mounts.readDescriptor(Number(requestFd)));
    argv = request.argv;
    holdAll(mounts, request.links);
    const calls = openRestrictCalls();
    forbidNewPrivileges(calls);
    dropCapabilities(calls);
    installFilter(calls, filter);
  } catch (error) {
    printStderr(`sandbox: ${messageOf(error)}\n`);
    return EXIT_NOT_CONFINED;
  }
  const { errno, message } = replaceProcess({ argv, environment: startEnvironment(), cwd: ".", fds: [] });
  printStderr(`${argv[0] ?? ""}: ${message}\n`);
  return errno === ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

function holdAll(mounts: OwnMounts, links: readonly HeldLink[]): void {
  mounts.separate();
  for (const { path, text } of links) {
    if (mounts.holdLink(path) !== text) throw new Error(`The link "${path}" was changed while the sandbox started`);
  }
}
