// The service under a real systemd, booted in namespaces of its own: readiness, status, reload, watchdog, restart, stop,
// and whether bubblewrap can still do its work in what the unit leaves. Elsewhere the same is heard through a test's own
// NOTIFY_SOCKET (operation_test.ts).
import assert from "node:assert/strict";
import { codexCommand, projectRoot, testsBinary } from "../support/codex_under_test.ts";
import { run } from "../support/process.ts";
import { denoDir, makeScratch } from "../support/workspace.ts";

/** Why another systemd cannot be booted here; null: it can. A container without privileges may not. */
function obstacle(): string | null {
  if (Deno.build.os !== "linux") return "it is no Linux";
  if (Deno.uid() !== 0) return "that takes root";
  const holds = (script: string): boolean =>
    new Deno.Command("sh", { args: ["-c", script], stdout: "null", stderr: "null" }).outputSync().success;
  if (!holds("test -x /lib/systemd/systemd")) return "it has no /lib/systemd/systemd";
  const group = "$(awk '$3 ~ /^cgroup/ { print $2; exit }' /proc/mounts)/codex-probe-$$";
  if (!holds(`mkdir ${group} && rmdir ${group}`)) return "no control groups can be made";
  const layers = "mount --make-rprivate / && mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w /mnt/r" +
    " && mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w none /mnt/r";
  const needed = [`${projectRoot()}main.ts`, codexCommand().command, Deno.execPath(), denoDir()];
  const found = needed.map((path) => `test -e '/mnt/r${path}'`).join(" && ");
  const inside = (script: string): boolean =>
    holds(`unshare --pid --fork --mount --net --uts --ipc --cgroup sh -c "${script}"`);
  if (!inside(layers)) return "no namespaces with a root folder of their own can be made";
  return inside(`${layers} && ${found}`) ? null : "what is under test is not on the root file system";
}

const why = obstacle();

Deno.test({
  name: "under a real systemd: ready, status, reload, watchdog, restart, drain, and bubblewrap within the unit" +
    (why === null ? "" : ` (cannot be run on this machine: ${why})`),
  ignore: why !== null,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    await using scratch = await makeScratch();
    const folder = scratch.path;
    for (const name of ["layer", "meet"]) await Deno.mkdir(`${folder}/${name}`);
    const { command, args } = codexCommand();
    // What is under test, where every user finds it; the runtime's cache too, for the tests run from source.
    const setUp = [
      "#!/bin/bash",
      "set -e",
      `for path in ${projectRoot()} ${denoDir()}; do`,
      '  while [ "$path" != / ]; do chmod o+x "$path"; path=$(dirname "$path"); done',
      "done",
      ...(testsBinary() ? ["touch /usr/local/bin/codex", `mount --bind ${command} /usr/local/bin/codex`] : [
        `printf '#!/bin/sh\\nDENO_DIR=${denoDir()} exec ${command} ${args.join(" ")} "$@"\\n' > /usr/local/bin/codex`,
        "chmod 755 /usr/local/bin/codex",
      ]),
      `export DENO_DIR=${denoDir()} HOME=/root PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin LANG=C.UTF-8`,
      `exec ${Deno.execPath()} run -A --quiet --no-check ${projectRoot()}tests/operation/inside_systemd.ts`,
    ].join("\n");
    await Deno.writeTextFile(`${folder}/meet/begin`, `${setUp}\n`, { mode: 0o755 });
    const script = `${projectRoot()}tests/operation/boot_systemd.sh`;
    const boot = await run({ command: "bash", args: [script, folder, "/meet/begin"] }, { timeoutMs: 90_000 });
    const text = await Deno.readTextFile(`${folder}/meet/facts.json`).catch(async () =>
      `{"error": ${JSON.stringify(`no facts\n${boot.stderr}\n${await Deno.readTextFile(`${folder}/meet/output`)}`)}}`
    );
    const { journal = "", ...facts } = JSON.parse(text);
    assert.equal(facts.error, undefined, `${facts.error}\n${facts.log}`);
    const confined = { output: "kept out\n0\n", inside: true, outside: false };
    assert.deepEqual(facts, {
      command: confined,
      status: "1 client, 0 running turns",
      reload: { samePid: true, oldToken: "refused", newToken: "taken", oldClient: "goes on" },
      watchdog: { restarts: "1", client: false },
      stop: {
        turn: ["completed"],
        closed: { code: 1001, reason: "server is shutting down" },
        result: "success",
        state: "inactive",
      },
      userCommand: confined,
      userStatus: "1 client, 0 running turns",
      userResult: "success",
    });
    assert.match(journal, /waiting up to 30 s for a running turn/);
  },
});
