import { deepEqual, equal } from "node:assert/strict";
import { bwrapArguments, type BwrapOptions } from "../../../../src/sandbox/linux/bwrap_args.ts";
import { FULL_NETWORK, NO_NETWORK } from "../../../../src/sandbox/plan.ts";
import type { ResolvedPlan } from "../../../../src/sandbox/linux/resolve_plan.ts";

const options: BwrapOptions = {
  bwrap: "/usr/bin/bwrap",
  proc: "fresh",
  seccompFd: 3,
  statusFd: 4,
  command: ["ls", "-l"],
};
const readable = { everything: true, platform: true };
const plan: ResolvedPlan = { readable, mounts: [], links: [], network: NO_NETWORK, cwd: "/ws" };

/** Without the parts of /proc, which are always the same. */
function argumentsOf(change: Partial<ResolvedPlan>, more: Partial<BwrapOptions> = {}): string {
  const all = bwrapArguments({ ...plan, ...change }, { ...options, ...more }).join(" ");
  return all.replaceAll(/ --ro-bind-try \/proc\/\S+ \/proc\/\S+/g, "");
}

const START = "/usr/bin/bwrap --new-session --die-with-parent --unshare-user --unshare-pid --unshare-ipc";
const END = "--chdir /ws --seccomp 3 --info-fd 4 -- ls -l";

Deno.test("bwrapArguments() read-only", () => {
  equal(argumentsOf({}), `${START} --unshare-net --cap-drop ALL --ro-bind / / --dev /dev --proc /proc ${END}`);
});

Deno.test("bwrapArguments() shares the network when it is on", () => {
  equal(argumentsOf({ network: FULL_NETWORK }), `${START} --cap-drop ALL --ro-bind / / --dev /dev --proc /proc ${END}`);
});

Deno.test("bwrapArguments() mounts in the order of the plan: roots, what is protected in them, what may not come", () => {
  const mounts = [
    { path: "/ws", access: "write" },
    { path: "/ws/.codex", access: "missing" },
    { path: "/ws/.git", access: "read" },
    { path: "/ws/.git/refs", access: "write" },
  ] as const;
  equal(
    argumentsOf({ mounts }),
    `${START} --unshare-net --cap-drop ALL --ro-bind / / --dev /dev --proc /proc --bind /ws /ws ` +
      "--perms 0555 --tmpfs /ws/.codex --remount-ro /ws/.codex --ro-bind /ws/.git /ws/.git " +
      `--bind /ws/.git/refs /ws/.git/refs ${END}`,
  );
});

Deno.test("bwrapArguments() a writable root of / comes before /dev and /proc", () => {
  const text = argumentsOf({ mounts: [{ path: "/", access: "write" }] });
  equal(text, `${START} --unshare-net --cap-drop ALL --bind / / --dev /dev --proc /proc ${END}`);
});

Deno.test("bwrapArguments() few readable roots: an empty root, the system, the roots, then read-only", () => {
  const mounts = [{ path: "/srv/a", access: "read" }] as const;
  const text = argumentsOf({ readable: { everything: false, platform: true }, mounts });
  equal(text.includes("--tmpfs / --ro-bind-try /bin /bin"), true);
  equal(text.includes("--dev /dev --proc /proc --ro-bind /srv/a /srv/a --remount-ro /"), true);
  equal(text.endsWith(`--remount-ro / ${END}`), true);
  const bare = argumentsOf({ readable: { everything: false, platform: false }, mounts });
  equal(bare.includes("--tmpfs / --dev /dev"), true);
});

Deno.test("bwrapArguments() hides a file behind a device, a folder behind an empty one that shuts last", () => {
  const mounts = [
    { path: "/ws", access: "write" },
    { path: "/ws/.env", access: "hiddenFile" },
    { path: "/ws/a", access: "hiddenFolder" },
    { path: "/ws/b", access: "hiddenFolder" },
    { path: "/ws/b/c/open", access: "read" },
  ] as const;
  equal(
    argumentsOf({ mounts }).split("--proc /proc ")[1],
    "--bind /ws /ws --ro-bind /dev/null /ws/.env --perms 0000 --tmpfs /ws/a --perms 0111 --tmpfs /ws/b " +
      "--perms 0111 --dir /ws/b/c --ro-bind /ws/b/c/open /ws/b/c/open " +
      `--remount-ro /ws/a --remount-ro /ws/b ${END}`,
  );
});

Deno.test("bwrapArguments() leaves the filter to a stage that installs it", () => {
  const all = bwrapArguments(plan, { ...options, seccompFd: null, more: ["--cap-add", "CAP_SYS_ADMIN"] });
  deepEqual(all.slice(all.indexOf("--chdir")), [
    ...["--chdir", "/ws", "--info-fd", "4", "--cap-add", "CAP_SYS_ADMIN", "--", "ls", "-l"],
  ]);
});
