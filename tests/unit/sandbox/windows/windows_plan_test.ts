import assert from "node:assert/strict";
import { CodexError } from "../../../../src/base/errors.ts";
import { FULL_NETWORK, NO_NETWORK, type SandboxPlan } from "../../../../src/sandbox/plan.ts";
import {
  newCapabilitySids,
  parseCapabilitySids,
  pathKey,
  type RandomWords,
  sidsFor,
} from "../../../../src/sandbox/windows/capability_sids.ts";
import { commandEnvironment } from "../../../../src/sandbox/windows/command_environment.ts";
import { restrictingSids } from "../../../../src/sandbox/windows/confined_process.ts";
import { helperFailure } from "../../../../src/sandbox/windows/helper_failure.ts";
import { refuseUnenforceable, windowsPlan } from "../../../../src/sandbox/windows/windows_plan.ts";
import { NO_HOSTS, READ_ONLY_PLAN } from "../../../support/sandbox_plans.ts";

function counting(): RandomWords {
  let next = 0;
  return () => [++next, 0, 0, 0xffff_ffff];
}

Deno.test("capability SIDs: one per root, found again under any spelling", () => {
  const random = counting();
  const known = newCapabilitySids(random);
  const first = sidsFor(known, { cwd: "C:\\Ws", roots: ["C:\\Ws", "D:\\other"] }, random);
  assert.deepEqual(first.sids, {
    workspace: "S-1-5-21-1-0-0-4294967295",
    readonly: "S-1-5-21-2-0-0-4294967295",
    workspace_by_cwd: { "c:/ws": "S-1-5-21-3-0-0-4294967295" },
    writable_root_by_path: { "d:/other": "S-1-5-21-4-0-0-4294967295" },
  });
  const again = sidsFor(first.sids, { cwd: "c:\\ws", roots: ["c:\\ws", "d:\\OTHER"] }, random);
  assert.deepEqual(again.sids, first.sids);
  assert.deepEqual([...again.byRoot.values()], [...first.byRoot.values()]);
  assert.deepEqual(parseCapabilitySids(JSON.stringify(first.sids)), first.sids);
  assert.equal(pathKey("C:\\A/b"), "c:/a/b");
});

Deno.test("parseCapabilitySids() takes the short form, and nothing that is no SID of ours", () => {
  const [workspace, readonly] = ["S-1-5-21-1-2-3-4", "S-1-5-21-5-6-7-8"];
  assert.deepEqual(parseCapabilitySids(JSON.stringify({ workspace, readonly })), {
    workspace,
    readonly,
    workspace_by_cwd: {},
    writable_root_by_path: {},
  });
  const bad = ["", "{}", "null", '"S-1-5-21-1-2-3-4"', JSON.stringify({ workspace, readonly: "S-1-1-0" })];
  for (const text of bad) assert.equal(parseCapabilitySids(text), null, text);
});

Deno.test("windowsPlan() opens roots to their SID and closes what is protected in them", () => {
  const random = counting();
  const { confinement } = windowsPlan(
    { cwd: "C:\\ws", writable: ["C:\\ws", "C:\\ws\\.git\\x"], protected: ["C:\\ws\\.git", "D:\\.git"] },
    { known: newCapabilitySids(random), random, privateDesktop: true, groupSid: null },
  );
  const [ws, inGit] = ["S-1-5-21-3-0-0-4294967295", "S-1-5-21-4-0-0-4294967295"];
  assert.deepEqual(confinement, {
    capabilitySids: [ws, inGit],
    allowWrite: [{ path: "C:\\ws", sid: ws }, { path: "C:\\ws\\.git\\x", sid: inGit }],
    denyWrite: [{ path: "C:\\ws\\.git", sid: ws }],
    privateDesktop: true,
  });
});

Deno.test("windowsPlan() gives sandbox users the rights too, and read-only commands one SID that opens nothing", () => {
  const random = counting();
  const known = newCapabilitySids(random);
  const options = { known, random, privateDesktop: false };
  const group = "S-1-5-21-9-9-9-1001";
  const resolved = { cwd: "C:\\ws", writable: ["C:\\ws"], protected: [] };
  const elevated = windowsPlan(resolved, { ...options, groupSid: group }).confinement;
  assert.deepEqual(elevated.allowWrite.map(({ sid }) => sid), [elevated.capabilitySids[0], group]);
  const readOnly = windowsPlan({ ...resolved, writable: [] }, { ...options, groupSid: group }).confinement;
  assert.deepEqual([readOnly.capabilitySids, readOnly.allowWrite, readOnly.denyWrite], [[known.readonly], [], []]);
});

Deno.test("restrictingSids() are capability SIDs, this logon, everyone", () => {
  const confinement = { capabilitySids: ["S-1-5-21-1-2-3-4"], allowWrite: [], denyWrite: [], privateDesktop: false };
  assert.deepEqual(restrictingSids(confinement, { logon: "S-1-5-5-0-7" }), [
    "S-1-5-21-1-2-3-4",
    "S-1-5-5-0-7",
    "S-1-1-0",
  ]);
  assert.deepEqual(restrictingSids(confinement, { logon: null }), ["S-1-5-21-1-2-3-4", "S-1-1-0"]);
});

const plan: SandboxPlan = { ...READ_ONLY_PLAN, cwd: "C:\\ws" };

Deno.test("refuseUnenforceable() names what a level cannot hold", () => {
  const rows: readonly (readonly [Partial<SandboxPlan>, RegExp | null, RegExp | null])[] = [
    [{}, null, null],
    [{ network: FULL_NETWORK }, null, null],
    [{ network: { access: "proxy", rules: NO_HOSTS, unixSockets: [], loopbackPorts: [] } }, /some hosts/, /some hosts/],
    [{ hiddenPatterns: ["C:\\**\\.env"] }, /pattern/, /pattern/],
    [{ hidden: ["C:\\secret"] }, /hidden files in the unelevated/, null],
    [{ readable: { everything: false, platform: true, roots: [] } }, /restricted reading/, null],
    [{ network: { ...NO_NETWORK, loopbackPorts: [5432] } }, null, /single ports/],
  ];
  for (const [change, unelevated, elevated] of rows) {
    for (const [level, why] of [["unelevated", unelevated], ["elevated", elevated]] as const) {
      const work = (): void => refuseUnenforceable({ ...plan, ...change }, level);
      if (why === null) work();
      else {
        assert.throws(
          work,
          (error) =>
            error instanceof CodexError && error.code === "SANDBOX_UNSUPPORTED" && error.hint !== undefined &&
            why.test(error.message),
        );
      }
    }
  }
});

Deno.test("commandEnvironment() knows names without case, and says that there is no network", () => {
  const own = { Path: "C:\\Windows", PATHEXT: ".EXE", OTHER: "1" };
  const off = commandEnvironment({ pager: "/dev/null", http_proxy: "http://real:1" }, { isNetworkOff: true, own });
  assert.equal(off["pager"], "NUL");
  assert.equal(off["http_proxy"], "http://127.0.0.1:9");
  assert.equal(off["HTTP_PROXY"], undefined);
  assert.equal(off["PATH"], "C:\\Windows");
  assert.equal(off["OTHER"], undefined);
  assert.equal(off["CODEX_SANDBOX_NETWORK_DISABLED"], "1");
  const on = commandEnvironment({ PAGER: "x" }, { isNetworkOff: false, own });
  assert.deepEqual([on["PAGER"], on["GIT_PAGER"], on["HTTP_PROXY"], on["CODEX_SANDBOX"]], [
    "x",
    "more.com",
    undefined,
    "windows",
  ]);
});

Deno.test("helperFailure() has the exit codes of a shell", () => {
  const failed = (message: string): number => helperFailure(new CodexError("EXEC_FAILED", message)).exitCode;
  assert.equal(failed("Cannot start the command: Windows error 2 (file not found)"), 127);
  assert.equal(failed("Cannot start the command: Windows error 3"), 127);
  assert.equal(failed("Cannot start the command: Windows error 21"), 126);
  assert.equal(failed("Cannot start the command: Windows error 193"), 126);
  assert.deepEqual(helperFailure(new CodexError("SANDBOX_UNAVAILABLE", "No", { hint: "Do" })), {
    text: "codex-windows-sandbox: SANDBOX_UNAVAILABLE: No\ncodex-windows-sandbox: hint: Do\n",
    exitCode: 125,
  });
});
