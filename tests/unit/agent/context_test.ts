import assert from "node:assert/strict";
import { contextUpdate, initialContext, readSurroundings } from "../../../src/agent/context.ts";
import type { TurnSettings } from "../../../src/agent/thread_settings.ts";
import { NO_PROFILE_NETWORK } from "../../../src/sandbox/grants.ts";
import { NO_NETWORK, type SandboxPlan } from "../../../src/sandbox/plan.ts";
import { turnContextRecord } from "../../../src/store/rollout_record.ts";
import type { TurnContextRecord } from "../../../src/store/thread_store.ts";

const SETTINGS: TurnSettings = {
  model: "gpt-5.4",
  modelProvider: "mock",
  serviceTier: null,
  cwd: "/tmp/ws",
  approvalPolicy: "on-request",
  approvalsReviewer: "user",
  sandbox: {
    type: "workspaceWrite",
    writableRoots: ["/home/m"],
    readOnlyAccess: { type: "fullAccess" },
    networkAccess: false,
    excludeTmpdirEnvVar: false,
    excludeSlashTmp: false,
  },
  effort: null,
  summary: null,
  personality: "pragmatic",
  collaborationMode: null,
  permissions: null,
};

const PLAN: SandboxPlan = {
  readable: { everything: true, platform: true, roots: [] },
  writable: ["/tmp/ws"],
  protected: ["/tmp/ws/.git"],
  hidden: [],
  hiddenPatterns: [],
  network: NO_NETWORK,
  cwd: "/tmp/ws",
};

const SURROUNDINGS = readSurroundings(Date.UTC(2026, 10, 22, 19), { SHELL: "/bin/bash" }, "Etc/UTC");

function parts(settings: Partial<TurnSettings> = {}, rest: object = {}): Parameters<typeof initialContext>[0] {
  return {
    settings: { ...SETTINGS, ...settings },
    surroundings: SURROUNDINGS,
    plan: PLAN,
    developerInstructions: null,
    projectInstructions: null,
    ...rest,
  };
}

function recordOf(settings: TurnSettings): TurnContextRecord {
  const record = turnContextRecord({
    turnId: "t",
    cwd: settings.cwd,
    currentDate: SURROUNDINGS.currentDate,
    timezone: SURROUNDINGS.timezone,
    approvalPolicy: settings.approvalPolicy,
    sandboxPolicy: settings.sandbox,
    model: settings.model,
    personality: settings.personality,
    ...(settings.collaborationMode === null ? {} : { collaborationMode: settings.collaborationMode }),
  });
  assert.equal(record.type, "turn_context");
  return record.payload as TurnContextRecord;
}

const ENVIRONMENT = `<environment_context>
  <cwd>/tmp/ws</cwd>
  <shell>bash</shell>
  <current_date>2026-11-22</current_date>
  <timezone>Etc/UTC</timezone>
</environment_context>`;

/** Role and texts; permissions shortened to their tag. */
function shown(items: ReturnType<typeof initialContext>): unknown[] {
  return items.map((item) =>
    item.type !== "message" ? item : [
      item.role,
      ...item.content.map((part) =>
        part.type === "input_text" ? part.text.replace(/(<permissions instructions>)[^]*(<\/perm.*)/, "$1…$2") : part
      ),
    ]
  );
}

const PERMISSIONS = "<permissions instructions>…</permissions instructions>";

Deno.test("initialContext() tells permissions, then the environment as recorded", () => {
  assert.deepEqual(shown(initialContext(parts())), [["developer", PERMISSIONS], ["user", ENVIRONMENT]]);
});

Deno.test("initialContext() carries instructions of the developer, the client and the project", () => {
  const mode = {
    mode: "default" as const,
    settings: { model: "gpt-5.4", developer_instructions: "Work in default mode." },
  };
  const items = initialContext(parts(
    { collaborationMode: mode, personality: "friendly" },
    { developerInstructions: "Use tabs.", projectInstructions: "Run make." },
  ));
  const [developer, user] = shown(items) as string[][];
  assert.deepEqual(developer?.slice(0, 4), [
    "developer",
    PERMISSIONS,
    "Use tabs.",
    "<collaboration_mode>Work in default mode.</collaboration_mode>",
  ]);
  assert.match(developer?.[4] ?? "", /^<personality_spec>/);
  assert.deepEqual(user, [
    "user",
    "# AGENTS.md instructions for /tmp/ws\n\n<INSTRUCTIONS>\nRun make.\n</INSTRUCTIONS>",
    ENVIRONMENT,
  ]);
});

const CHANGES: readonly { name: string; to: Partial<TurnSettings>; expected: RegExp[] }[] = [
  { name: "nothing when nothing changed", to: {}, expected: [] },
  { name: "new permissions", to: { approvalPolicy: "never" }, expected: [/"developer".*<permissions/] },
  { name: "another model", to: { model: "gpt-5.2" }, expected: [/"developer".*<model_switch>/] },
  { name: "another tone", to: { personality: "friendly" }, expected: [/"developer".*<personality_spec>/] },
  { name: "another folder", to: { cwd: "/else" }, expected: [/"user".*<cwd>\/else<\/cwd>/] },
];

for (const { name, to, expected } of CHANGES) {
  Deno.test(`contextUpdate() tells ${name}`, () => {
    const items = contextUpdate(recordOf(SETTINGS), parts(to)).map((item) => JSON.stringify(item));
    assert.equal(items.length, expected.length);
    for (const [index, pattern] of expected.entries()) assert.match(reordered(items[index] ?? ""), pattern);
  });
}

/** Role first, so that a pattern can name it. */
function reordered(json: string): string {
  const { role, ...rest } = JSON.parse(json) as { role: string };
  return `"${role}" ${JSON.stringify(rest)}`;
}

const ZONES: readonly { machine: string | undefined; zone: string; date: string }[] = [
  { machine: "Asia/Tokyo", zone: "Asia/Tokyo", date: "2026-11-23" },
  { machine: "Etc/Unknown", zone: "Etc/UTC", date: "2026-11-22" },
  { machine: "no such zone", zone: "Etc/UTC", date: "2026-11-22" },
  { machine: "", zone: "Etc/UTC", date: "2026-11-22" },
];

for (const { machine, zone, date } of ZONES) {
  Deno.test(`readSurroundings() on a machine whose zone is "${machine}" tells ${zone}`, () => {
    const { timezone, currentDate } = readSurroundings(Date.UTC(2026, 10, 22, 19), {}, machine);
    assert.deepEqual([timezone, currentDate], [zone, date]);
  });
}

function inMode(developerInstructions: string | null): Partial<TurnSettings> {
  const settings = { model: "gpt-5.4", developer_instructions: developerInstructions };
  return { collaborationMode: { mode: developerInstructions === null ? "default" : "plan", settings } };
}

const MODES: readonly { name: string; from: Partial<TurnSettings>; to: Partial<TurnSettings>; told: RegExp | null }[] =
  [
    { name: "a mode that begins", from: {}, to: inMode("Only plan."), told: /<collaboration_mode>Only plan\.</ },
    { name: "a mode that goes on", from: inMode("Only plan."), to: inMode("Only plan."), told: null },
    { name: "a mode that ends", from: inMode("Only plan."), to: inMode(null), told: /<collaboration_mode>.*is over/ },
    { name: "a mode that is gone", from: inMode("Only plan."), to: {}, told: /<collaboration_mode>.*is over/ },
    { name: "a mode that ended before", from: inMode(null), to: {}, told: null },
  ];

for (const { name, from, to, told } of MODES) {
  Deno.test(`contextUpdate() on ${name} tells ${told ?? "nothing"}`, () => {
    const items = contextUpdate(recordOf({ ...SETTINGS, ...from }), parts(to)).map((item) => JSON.stringify(item));
    assert.equal(items.length, told === null ? 0 : 1);
    if (told !== null) assert.match(reordered(items[0] ?? ""), new RegExp(`^"developer".*${told.source}`));
  });
}

Deno.test("initialContext() tells of a permission profile what it opens and hides", () => {
  const plan: SandboxPlan = {
    ...PLAN,
    readable: { everything: false, platform: true, roots: ["/srv/docs"] },
    hidden: ["/tmp/ws/secret"],
    hiddenPatterns: ["/tmp/ws/**/*.env"],
  };
  const permissions = { name: "p", files: [], network: NO_PROFILE_NETWORK };
  const text = JSON.stringify(initialContext(parts({ permissions }, { plan })));
  for (
    const word of ["/srv/docs", "never these: `/tmp/ws/secret`, `/tmp/ws/**/*.env`", "not in them: `/tmp/ws/.git`"]
  ) {
    assert.ok(text.includes(word), word);
  }
});
