// A prepared launch as JSON for people: the command line, what changes in the environment, and what lies on the extra
// descriptors (a seccomp filter by its name in sandbox_profiles/). Pure.
import type { LaunchSpec } from "./launcher.ts";
import { findSeccompFilterName, type SeccompArchitecture } from "./linux/seccomp.ts";

export interface LaunchDescription {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Variables that the command gets beside those it was started with; null: taken away. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly descriptors: readonly { readonly fd: number; readonly what: string }[];
}

const FIRST_EXTRA_FD = 3;
const INSTRUCTION_BYTES = 8;

export function describeLaunch(
  spec: LaunchSpec,
  options: { readonly environment: Readonly<Record<string, string>>; readonly architecture: SeccompArchitecture },
): LaunchDescription {
  const descriptors = spec.extraFds.map((bytes, index) => {
    const name = findSeccompFilterName(bytes, options.architecture);
    const what = name === null
      ? `${bytes.length} bytes`
      : `seccomp filter "${name}" of seccomp_linux.json, ${bytes.length / INSTRUCTION_BYTES} instructions`;
    return { fd: FIRST_EXTRA_FD + index, what };
  });
  if (spec.statusFd !== null) descriptors.push({ fd: spec.statusFd, what: "what the launcher tells about itself" });
  return {
    argv: spec.argv,
    cwd: spec.cwd,
    environment: environmentChanges(options.environment, spec.env),
    descriptors,
  };
}

/** What to set, and null for what to take away. */
export function environmentChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Readonly<Record<string, string | null>> {
  const set = Object.entries(after).filter(([name, value]) => before[name] !== value);
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return Object.fromEntries([...set, ...gone.map((name) => [name, null] as const)]);
}
