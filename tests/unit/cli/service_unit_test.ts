// The unit in packaging/ is what the program writes. Rewrite with: deno test -A tests/unit/cli/service_unit_test.ts -- -u
import assert from "node:assert/strict";
import { decideInstallService } from "../../../src/cli/server_tool_args.ts";
import { serviceUnit } from "../../../src/cli/service_unit.ts";

Deno.test("packaging/systemd/codex-app-server.service is the unit of the defaults", async () => {
  const { serverArguments } = decideInstallService({ system: true, logLevel: "info" });
  const text = serviceUnit({ scope: "system", program: "/usr/local/bin/codex", serverArguments });
  const file = new URL("../../../packaging/systemd/codex-app-server.service", import.meta.url);
  if (Deno.args.includes("-u")) await Deno.writeTextFile(file, text);
  assert.equal(await Deno.readTextFile(file), text);
});

Deno.test("serviceUnit() quotes what a unit would read otherwise", () => {
  const text = serviceUnit({
    scope: "user",
    program: "/home/a b/codex",
    serverArguments: ["--audit-log", 'x"$y%z', "%d/t"],
  });
  assert.match(text, /^ExecStart="\/home\/a b\/codex" app-server --audit-log "x\\"\$\$y%%z" %d\/t$/m);
  assert.match(text, /^WantedBy=default\.target$/m);
  assert.doesNotMatch(text, /^User=/m);
});

Deno.test("serviceUnit() hands over the credentials that the arguments name", () => {
  const unit = (scope: "user" | "system"): string =>
    serviceUnit({ scope, program: "/c", serverArguments: ["--ws-token-file", "%d/token"] });
  assert.match(unit("system"), /^LoadCredential=token:\/etc\/codex\/token$/m);
  assert.match(unit("user"), /^LoadCredential=token:%h\/\.codex\/token$/m);
});

const token = ["--ws-auth", "capability-token", "--ws-token-file"];
const plain = ["--listen", "ws://127.0.0.1:4500"];
const ROWS: readonly (readonly [name: string, flags: Parameters<typeof decideInstallService>[0], words: string[]])[] = [
  ["of the machine asks for a token", { system: true }, [...plain, ...token, "/etc/codex/token"]],
  ["of the machine takes another token", { system: true, wsTokenFile: "/t" }, [...plain, ...token, "/t"]],
  ["of the machine is open when that is asked for", { system: true, wsAllowOtherUsers: true }, [
    ...plain,
    "--ws-allow-other-users",
  ]],
  ["of a user serves that user", { user: true }, plain],
];

for (const [name, flags, words] of ROWS) {
  Deno.test(`decideInstallService(): a service ${name}`, () => {
    assert.deepEqual(decideInstallService(flags).serverArguments, words);
  });
}
