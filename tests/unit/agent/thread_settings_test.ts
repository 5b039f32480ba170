// Which plan a thread's turns get when the configuration chose a permission profile.
import assert from "node:assert/strict";
import {
  overrideSettings,
  resumeSettings,
  startSettings,
  toThreadSettings,
} from "../../../src/agent/thread_settings.ts";
import { turnSandbox } from "../../../src/agent/tools/turn_sandbox.ts";
import type { SandboxPolicy } from "../../../src/protocol/types/policy.ts";
import { sandboxPolicyOnDisk } from "../../../src/store/sandbox_policy_record.ts";
import { testConfig } from "./_harness.ts";

const profile = {
  name: "p",
  files: [
    { target: { kind: "minimal" }, access: "read" },
    { target: { kind: "projectRoots", below: null }, access: "write" },
    { target: { kind: "projectRoots", below: "secret" }, access: "none" },
  ],
  network: { enabled: false, rules: null, unixSockets: [], loopbackPorts: [] },
} as const;
const config = testConfig({ permissions: profile });
const options = { config, cwd: "/ws", params: {}, environment: {} };
const shown: SandboxPolicy = {
  type: "workspaceWrite",
  writableRoots: ["/home/codex/memories"],
  readOnlyAccess: { type: "restricted", includePlatformDefaults: true, readableRoots: [] },
  networkAccess: false,
  excludeTmpdirEnvVar: true,
  excludeSlashTmp: true,
};

Deno.test("startSettings() shows a profile as its nearest policy and runs turns with the profile", () => {
  const settings = startSettings(options);
  assert.deepEqual(toThreadSettings(settings).sandbox, shown);
  const plan = turnSandbox({ settings, config, codexHome: "/home/codex", environment: {} });
  assert.deepEqual(plan?.hidden, ["/ws/secret"]);
});

Deno.test("turnSandbox() asks for Landlock where the configuration does, for modes and for profiles", () => {
  const landlock = { ...config, legacyLandlock: true };
  for (const params of [{}, { sandbox: "workspace-write" as const }]) {
    const settings = startSettings({ ...options, params });
    const plan = turnSandbox({ settings, config: landlock, codexHome: "/home/codex", environment: {} });
    assert.equal(plan?.legacyLandlock, true);
    assert.equal(turnSandbox({ settings, config, codexHome: "/h", environment: {} })?.legacyLandlock, undefined);
  }
  const settings = startSettings(options);
  const plan = turnSandbox({ settings, config: landlock, codexHome: "/home/codex", environment: {} });
  assert.deepEqual(plan?.writable, ["/ws"]);
});

Deno.test("startSettings() a mode that the request asks for wins over the profile", () => {
  const settings = startSettings({ ...options, params: { sandbox: "read-only" } });
  assert.deepEqual([settings.permissions, settings.sandbox.type], [null, "readOnly"]);
});

Deno.test("overrideSettings() a policy that is the shown one means the profile, another ends it", () => {
  const settings = startSettings(options);
  const params = { threadId: "t", input: [] };
  const reordered = JSON.parse(
    `{"excludeSlashTmp":true,"type":"workspaceWrite","writableRoots":["/home/codex/memories"],"excludeTmpdirEnvVar":true,` +
      `"readOnlyAccess":{"readableRoots":[],"type":"restricted","includePlatformDefaults":true}}`,
  );
  assert.deepEqual(overrideSettings(settings, { ...params, sandboxPolicy: reordered }).permissions, profile);
  assert.equal(overrideSettings(settings, { ...params, sandboxPolicy: { type: "readOnly" } }).permissions, null);
  assert.deepEqual(overrideSettings(settings, params).permissions, profile);
});

Deno.test("resumeSettings() keeps the profile while the record shows its policy", () => {
  const record = (sandbox: SandboxPolicy) => ({ cwd: "/ws", sandbox_policy: sandboxPolicyOnDisk(sandbox) }) as never;
  assert.deepEqual(resumeSettings(options, record(shown)).permissions, profile);
  const other = resumeSettings(options, record({ type: "readOnly" }));
  assert.deepEqual([other.permissions, other.sandbox.type], [null, "readOnly"]);
});
