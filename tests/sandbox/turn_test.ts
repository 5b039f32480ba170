// What config.toml says about the sandbox reaches the commands of a turn: the server, a client and a scripted model.
import { equal, match, ok } from "node:assert/strict";
import { landlockVersion } from "../../src/host/landlock.ts";
import { openRestrictCalls } from "../../src/host/restrict_calls.ts";
import { itemsOf, makeFixture, startThread } from "../faults/fixture.ts";
import { whyNoSandbox } from "./house.ts";

const skipReason = await whyNoSandbox();
const options = { ignore: skipReason !== null, sanitizeOps: false, sanitizeResources: false };
if (skipReason !== null) Deno.test.ignore(`tests of turns in the sandbox are skipped: ${skipReason}`, () => {});

/** The output of the one command of a turn, and the summaries of the warnings at the start. */
async function runTurn(
  settings: { readonly top?: string[]; readonly tables?: string[] },
  command: string,
): Promise<{ readonly output: string; readonly warnings: string }> {
  await using fixture = await makeFixture(settings);
  const { client } = await fixture.start();
  const threadId = await startThread(client, fixture, { approvalPolicy: "never" });
  await client.turn(threadId, `%sh:${command}`);
  const { thread } = await client.request("thread/read", { threadId, includeTurns: true });
  const item = itemsOf(thread).find(({ type }) => type === "commandExecution");
  const warnings = client.notifications("configWarning").map(({ params }) => params.summary).join("\n");
  return { output: item?.aggregatedOutput ?? "", warnings };
}

Deno.test({
  ...options,
  name: "turn: a socket on the list of config.toml is reached",
  async fn(): Promise<void> {
    const folder = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "codex-turn-" });
    const listeners = ["open", "shut"].map((name) => Deno.listen({ transport: "unix", path: `${folder}/${name}` }));
    try {
      const tables = [`[sandbox_workspace_write]`, `allow_unix_sockets = ["${folder}/open"]`];
      const attempt = (name: string): string =>
        `python3 -c "import socket; socket.socket(socket.AF_UNIX).connect('${folder}/${name}'); print('reached')"`;
      const { output } = await runTurn(
        { top: ['sandbox_mode = "workspace-write"'], tables },
        `${attempt("open")}; ${attempt("shut")}`,
      );
      match(output, /^reached\n[^]*PermissionError: \[Errno 1\] Operation not permitted/);
    } finally {
      for (const listener of listeners) listener.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  ...options,
  ignore: options.ignore || landlockVersion(openRestrictCalls()) < 6,
  name: "turn: under use_legacy_landlock commands run in the machine's own namespaces, and a person is told",
  async fn(): Promise<void> {
    // The last table before these lines is [features].
    const tables = ["use_legacy_landlock = true"];
    const here = await Deno.readLink("/proc/self/ns/mnt");
    const { output, warnings } = await runTurn(
      { top: ['sandbox_mode = "read-only"'], tables },
      "readlink /proc/self/ns/mnt; touch made || echo held",
    );
    ok(output.startsWith(`${here}\n`), output);
    match(output, /Permission denied\nheld\n/);
    match(warnings, /held by Landlock instead of bubblewrap/);
    const refused = await runTurn(
      { top: ['sandbox_mode = "workspace-write"'], tables },
      "touch made && echo ran",
    );
    equal(refused.output.includes("ran"), false, refused.output);
  },
});
