// How bubblewrap comes to the command: directly, with the filter on a descriptor, or through a stage of ours inside that
// holds links in place and takes any number of words. Pure.
import { normalizePath } from "../../base/absolute_path.ts";
import { CodexError } from "../../base/errors.ts";
import { stageCommand } from "../../host/own_program.ts";
import { encodeRequest, STAGE_CAPABILITIES } from "./held_links.ts";
import { isVisible, type ResolvedPlan } from "./resolve_plan.ts";

export const FIRST_EXTRA_FD = 3;
/** More words than these reach the command past bubblewrap. */
const MAX_COMMAND_WORDS = 2_000;

export interface CommandStart {
  /** Null: the stage installs the filter. */
  readonly seccompFd: number | null;
  readonly extraFds: readonly Uint8Array[];
  /** More options of bubblewrap. */
  readonly more: readonly string[];
  readonly command: readonly string[];
}

/** @throws CodexError SANDBOX_UNAVAILABLE where the stage is needed and the sandbox does not show this program. */
export function startOf(argv: readonly string[], filter: Uint8Array, plan: ResolvedPlan): CommandStart {
  const isPlain = plan.links.length === 0 && argv.length <= MAX_COMMAND_WORDS;
  return isPlain ? startDirectly(filter, argv) : startByStage(filter, argv, plan);
}

function startDirectly(filter: Uint8Array, argv: readonly string[]): CommandStart {
  return { seccompFd: FIRST_EXTRA_FD, extraFds: [filter], more: [], command: argv };
}

function startByStage(filter: Uint8Array, argv: readonly string[], plan: ResolvedPlan): CommandStart {
  const [program = "", ...words] = stageCommand("hold-links");
  if (!isVisible(normalizePath(program), plan)) {
    const [link] = plan.links;
    const problem = link === undefined
      ? `Cannot start a command of ${argv.length} words`
      : `Cannot protect "${link.path}": it is a symbolic link`;
    throw new CodexError("SANDBOX_UNAVAILABLE", `${problem}: the sandbox does not show this program`, {
      hint: `Let the permission profile read "${normalizePath(program)}"`,
    });
  }
  return {
    seccompFd: null,
    extraFds: [filter, encodeRequest({ links: plan.links, argv })],
    more: STAGE_CAPABILITIES.flatMap((name) => ["--cap-add", name]),
    command: [program, ...words, String(FIRST_EXTRA_FD), String(FIRST_EXTRA_FD + 1)],
  };
}
