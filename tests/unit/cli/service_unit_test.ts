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
