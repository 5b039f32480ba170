// What Landlock can say of a plan, as rights for the kernel, and what it cannot: that is refused, never left out. Pure.
// Source: landlock(7).
import { CodexError } from "../../base/errors.ts";
import type { LandlockRuleset } from "../../host/landlock.ts";
import type { SandboxPlan } from "../plan.ts";
import type { Mount } from "./resolve_plan.ts";

/** Before this one (Linux 6.2) a file outside of the writable roots could be emptied. */
const FIRST_VERSION = 3;

const WRITE_FILE = 1n << 1n;
const REMOVE_FOLDER = 1n << 4n;
const REMOVE_FILE = 1n << 5n;
const MAKE_CHARACTER_DEVICE = 1n << 6n;
const MAKE_FOLDER = 1n << 7n;
const MAKE_FILE = 1n << 8n;
const MAKE_SOCKET = 1n << 9n;
const MAKE_FIFO = 1n << 10n;
const MAKE_BLOCK_DEVICE = 1n << 11n;
const MAKE_LINK = 1n << 12n;
const REFER = 1n << 13n;
const TRUNCATE = 1n << 14n;
const DEVICE_IOCTL = 1n << 15n;
const BIND_TCP = 1n << 0n;
const CONNECT_TCP = 1n << 1n;
const ABSTRACT_SOCKETS = 1n << 0n;
const SIGNALS = 1n << 1n;

const OF_FILES = WRITE_FILE | TRUNCATE;
const OF_FOLDERS = OF_FILES | REMOVE_FOLDER | REMOVE_FILE | MAKE_FOLDER | MAKE_FILE | MAKE_SOCKET | MAKE_FIFO |
  MAKE_LINK | REFER;
const DEVICES = MAKE_CHARACTER_DEVICE | MAKE_BLOCK_DEVICE;
/** Harmless, and tools fail without them. */
const OPEN_DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"];

export interface LandlockOrder {
  readonly version: number;
  readonly writable: readonly { readonly path: string; readonly isFolder: boolean }[];
  readonly network: "none" | "full";
  /** Descriptors that are terminals: the command may open its own again. */
  readonly terminals: readonly number[];
}

/** Each version of the interface adds rights; what this kernel does not know is not asked for. */
export function landlockRuleset({ version, writable, network, terminals }: LandlockOrder): LandlockRuleset {
  const ioctl = version >= 5 ? DEVICE_IOCTL : 0n;
  return {
    handledFiles: OF_FOLDERS | DEVICES | ioctl,
    handledPorts: version >= 4 && network === "none" ? BIND_TCP | CONNECT_TCP : 0n,
    scoped: version >= 6 ? SIGNALS | (network === "none" ? ABSTRACT_SOCKETS : 0n) : 0n,
    rules: [
      ...writable.map(({ path, isFolder }) => ({ place: path, rights: (isFolder ? OF_FOLDERS : OF_FILES) | ioctl })),
      ...[...OPEN_DEVICES, ...terminals].map((place) => ({ place, rights: OF_FILES | ioctl })),
    ],
  };
}

/** @throws CodexError SANDBOX_UNAVAILABLE when this kernel's Landlock is missing, or too old to hold. */
export function refuseLandlock(version: number): void {
  if (version >= FIRST_VERSION) return;
  const hint = "Leave features.use_legacy_landlock out to use bubblewrap";
  if (version === 0) {
    throw new CodexError("SANDBOX_UNAVAILABLE", "Cannot sandbox the command with Landlock: this kernel has none", {
      hint: `Start Linux 6.2 or later with "landlock" in its lsm= list (see /sys/kernel/security/lsm). ${hint}`,
    });
  }
  throw new CodexError(
    "SANDBOX_UNAVAILABLE",
    `Cannot sandbox the command with Landlock: this kernel has version ${version} of it, which lets files be emptied`,
    { hint: `Use Linux 6.2 or later (version ${FIRST_VERSION}). ${hint}` },
  );
}

/** @throws CodexError SANDBOX_UNSUPPORTED for a plan that asks for more than access rules can hold. */
export function refusePlan({ readable, hidden, hiddenPatterns, network }: SandboxPlan): void {
  if (!readable.everything) {
    throw unsupported("show only some folders", 'Let the profile read everything (":root" = "read")');
  }
  const [first] = [...hidden, ...hiddenPatterns];
  if (first !== undefined) throw unsupported(`hide "${first}"`, 'Take the "none" rules out of the profile');
  if (network.access === "proxy") {
    throw unsupported("let a command reach some hosts only", "Open the whole network (enabled = true alone), or none");
  }
  if (network.loopbackPorts.length > 0) {
    throw unsupported("open single loopback ports", "Take allow_loopback_ports out");
  }
  const asksForSockets = network.unixSockets === "all" || network.unixSockets.length > 0;
  if (network.access === "full" ? network.unixSockets !== "all" : asksForSockets) {
    throw unsupported("open single unix sockets", "Take the list of unix sockets out");
  }
}

/**
 * Access rules add up along a path: what is writable cannot have a part that is not, nor a name that may not come.
 *
 * @throws CodexError SANDBOX_UNSUPPORTED
 */
export function refuseParts(mounts: readonly Mount[]): void {
  const parts = mounts.filter(({ access }) => access !== "write").map(({ path }) => path);
  if (parts.length === 0) return;
  const named = parts.length > 3 ? [...parts.slice(0, 3), `${parts.length - 3} more`] : parts;
  throw unsupported(
    `keep ${named.join(", ")} as ${parts.length === 1 ? "it is" : "they are"} inside of a writable folder`,
    "Use --sandbox read-only; or open them on purpose in a permission profile: " +
      '"." = "write" and each of ".git", ".codex", ".agents" = "write" under ":project_roots"',
  );
}

function unsupported(what: string, remedy: string): CodexError {
  return new CodexError("SANDBOX_UNSUPPORTED", `Landlock cannot ${what}`, {
    hint: `${remedy}. Without features.use_legacy_landlock bubblewrap can`,
  });
}
