import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { createSeatbeltFinder } from "../../../../src/sandbox/macos/find_seatbelt.ts";
import { createSeatbeltLauncher, type RunningProxies } from "../../../../src/sandbox/macos/launch.ts";
import { probeArguments, probeError, probeSeatbelt } from "../../../../src/sandbox/macos/probe.ts";
import type { Disk } from "../../../../src/sandbox/git_folders.ts";
import { resolveForSeatbelt } from "../../../../src/sandbox/macos/resolve_plan.ts";
import { parseProfile } from "../../../support/seatbelt/parse.ts";
import { PLANS } from "./plans.ts";

/** Real paths by path, and the texts of files. */
function diskOf(links: Record<string, string | null>, files: Record<string, string> = {}): Disk {
  return {
    findRealPath: (path) => Promise.resolve(Object.hasOwn(links, path) ? links[path]! : path),
    findLinkStat: (path) => Promise.resolve(Object.hasOwn(files, path) ? { kind: "file" } : null),
    findText: (path) => Promise.resolve(files[path] ?? null),
  };
}

const noProxies = (): Promise<RunningProxies> => Promise.reject(new Error("no proxy was asked for"));
const command = { argv: ["ls", "-l"], cwd: "/Users/ann/ws", env: { PATH: "/bin" }, ownTerminal: false };

Deno.test("resolveForSeatbelt() takes links out, drops roots that are not there, keeps names that are not there", async () => {
  const disk = diskOf({
    "/tmp": "/private/tmp",
    "/Users/ann/ws/.codex": null,
    "/Users/ann/ws/.agents": "/Users/ann/ws/decoy",
    "/Users/ann/.codex/memories": null,
  });
  const plan = await resolveForSeatbelt({ ...PLANS.workspace_write, hiddenPatterns: ["/tmp/**/*.env"] }, disk);
  deepEqual(plan.writable, ["/Users/ann/ws", "/private/tmp", "/private/var/folders/zz/abc/T"]);
  for (const name of [".git", ".codex", ".agents", "decoy"]) ok(plan.protected.includes(`/Users/ann/ws/${name}`), name);
  deepEqual(plan.hiddenPatterns, ["/private/tmp/**/*.env", "/tmp/**/*.env"]);
});

Deno.test("resolveForSeatbelt() protects where a gitfile points and the repository behind it", async () => {
  const disk = diskOf({}, {
    "/Users/ann/ws/.git": "gitdir: ../repo/.git/worktrees/ws\n",
    "/Users/ann/repo/.git/worktrees/ws/commondir": "../..\n",
  });
  const plan = await resolveForSeatbelt(PLANS.workspace_write, disk);
  ok(plan.protected.includes("/Users/ann/repo/.git/worktrees/ws"));
  ok(plan.protected.includes("/Users/ann/repo/.git"));
});

Deno.test("resolveForSeatbelt() refuses a folder that is gone, and what is no pattern; no root opens a device", async () => {
  await rejects(resolveForSeatbelt(PLANS.read_only, diskOf({ "/Users/ann/ws": null })), {
    code: "SANDBOX_UNAVAILABLE",
  });
  const bad = { ...PLANS.read_only, hiddenPatterns: ["/a/[b"] };
  await rejects(resolveForSeatbelt(bad, diskOf({})), { code: "CONFIG_INVALID" });
  deepEqual(
    (await resolveForSeatbelt({ ...PLANS.read_only, writable: ["/dev", "/dev/disk0"] }, diskOf({}))).writable,
    [],
  );
});

Deno.test("a Seatbelt launch is sandbox-exec by its absolute path, with nothing pasted and its variables set", async () => {
  const launcher = createSeatbeltLauncher({ disk: diskOf({}), startProxies: noProxies });
  const { spec, inPlace } = await launcher.prepare(PLANS.workspace_write, { ...command, inPlace: true });
  deepEqual([spec.argv[0], spec.argv[1]], ["/usr/bin/sandbox-exec", "-p"]);
  deepEqual(spec.argv.slice(-3), ["--", "ls", "-l"]);
  deepEqual(spec.env, { PATH: "/bin", CODEX_SANDBOX: "seatbelt", CODEX_SANDBOX_NETWORK_DISABLED: "1" });
  deepEqual([spec.extraFds, spec.statusFd, inPlace], [[], null, { fds: [] }]);
});

Deno.test("a proxied Seatbelt launch reaches the proxies' ports alone, needs us to stay, and ends them", async () => {
  let closed = 0;
  const proxies: RunningProxies = {
    ports: [4001, 4002],
    env: { PATH: "/bin", HTTP_PROXY: "x" },
    decisions: () => [],
    close: () => Promise.resolve(void closed++),
  };
  const launcher = createSeatbeltLauncher({ disk: diskOf({}), startProxies: () => Promise.resolve(proxies) });
  const launch = await launcher.prepare(PLANS.proxy, { ...command, inPlace: true });
  ok(launch.spec.argv[2]?.includes('(remote ip "localhost:4001")'));
  deepEqual(launch.spec.env, { PATH: "/bin", HTTP_PROXY: "x", CODEX_SANDBOX: "seatbelt" });
  equal(launch.inPlace, null);
  await launch.release();
  equal(closed, 1);
});

Deno.test("a proxied Seatbelt launch without a usable port is refused, and the proxies end", async () => {
  let closed = 0;
  const proxies = { ports: [], env: {}, decisions: () => [], close: () => Promise.resolve(void closed++) };
  const launcher = createSeatbeltLauncher({ disk: diskOf({}), startProxies: () => Promise.resolve(proxies) });
  await rejects(launcher.prepare(PLANS.proxy, command), { code: "SANDBOX_UNAVAILABLE" });
  equal(closed, 1);
});

Deno.test("createSeatbeltFinder() no sandbox-exec is an error with a remedy, and never a bare command", async () => {
  const finder = createSeatbeltFinder({ startProxies: noProxies, exists: () => Promise.resolve(false) });
  await rejects(finder.find(PLANS.read_only), { code: "SANDBOX_UNAVAILABLE", message: /no \/usr\/bin\/sandbox-exec/ });
});

Deno.test("createSeatbeltFinder() probes until it works, and then no more", async () => {
  let probes = 0;
  const probe = (): Promise<void> => ++probes === 1 ? Promise.reject(new Error("busy")) : Promise.resolve();
  const finder = createSeatbeltFinder({ startProxies: noProxies, exists: () => Promise.resolve(true), probe });
  await rejects(finder.find(PLANS.read_only), /busy/);
  await finder.find(PLANS.read_only);
  await finder.find(PLANS.read_only);
  equal(probes, 2);
});

const failures: readonly (readonly [output: string, message: RegExp, hint: RegExp])[] = [
  ["sandbox-exec: sandbox_apply: Operation not permitted", /do not nest/, /outside of that sandbox/],
  ["sandbox-exec: unbound variable: TIOCSTI at <input string>, line 3", /does not take the sandbox profile/, /sw_vers/],
  ["sandbox-exec: <input string>:1:1: unbound variable: x", /does not take the sandbox profile/, /sw_vers/],
  ["", /exit code 71/, /sandbox-exec -p/],
];
for (const [output, message, hint] of failures) {
  Deno.test(`probeSeatbelt() says what "${output}" means`, async () => {
    const error = probeError({ exitCode: 71, output, timedOut: false });
    equal(error.code, "SANDBOX_UNAVAILABLE");
    ok(message.test(error.message), error.message);
    ok(hint.test(error.hint ?? ""), error.hint);
    await rejects(probeSeatbelt(() => Promise.resolve({ exitCode: 71, output, timedOut: false })), { message });
  });
}

Deno.test("probeSeatbelt() gives up on one that gives no answer; its profile is in the language", async () => {
  await rejects(probeSeatbelt(() => Promise.resolve({ exitCode: 0, output: "", timedOut: true })), /no answer within/);
  await probeSeatbelt(() => Promise.resolve({ exitCode: 0, output: "", timedOut: false }));
  const words = probeArguments();
  const parameters = words.filter((word) => word.startsWith("-D")).map((word) => {
    const at = word.indexOf("=");
    return [word.slice(2, at), word.slice(at + 1)] as const;
  });
  ok(parseProfile(words[2] ?? "", { parameters }).length > 40);
});
