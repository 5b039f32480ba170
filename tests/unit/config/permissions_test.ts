// Permission profiles in config.toml: what they come to, which setting wins, and what is said of mistakes, with the
// place. Sentences of the reference are kept word for word.
import assert from "node:assert/strict";
import { ConfigError } from "../../../src/config/config_error.ts";
import { loadConfig } from "../../../src/config/config_loader.ts";
import type { EffectiveConfig } from "../../../src/config/effective_config.ts";
import type { ConfigOverride, LoadedConfig } from "../../../src/config/loaded_config.ts";
import { makeScratch } from "../../support/workspace.ts";
import { NO_HOSTS } from "../../support/sandbox_plans.ts";

async function load(text: string, overrides: readonly ConfigOverride[] = []): Promise<LoadedConfig> {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.path}/config.toml`, text);
  return await loadConfig({
    codexHome: scratch.path,
    environment: { HOME: "/home/me" },
    overrides,
    cwd: null,
    systemFile: `${scratch.path}/none`,
  });
}

const HEAD = `default_permissions = "a"\n[permissions.a.filesystem]\n`;
const NETWORK = `default_permissions = "a"\n[permissions.a.network]\n`;

const FILES: readonly (readonly [toml: string, files: NonNullable<EffectiveConfig["permissions"]>["files"]])[] = [
  [`":root" = "read"`, [{ target: { kind: "root" }, access: "read" }]],
  [`":minimal" = "read"`, [{ target: { kind: "minimal" }, access: "read" }]],
  [`":tmpdir" = "write"`, [{ target: { kind: "tmpdir" }, access: "write" }]],
  [`":project_roots" = "write"`, [{ target: { kind: "projectRoots", below: null }, access: "write" }]],
  [`"/srv/../opt" = "read"`, [{ target: { kind: "path", path: "/opt" }, access: "read" }]],
  [`"~/x" = "none"`, [{ target: { kind: "path", path: "/home/me/x" }, access: "none" }]],
  [`"/srv/**/*.env" = "none"`, [{ target: { kind: "path", path: "/srv/**/*.env" }, access: "none" }]],
  [`":project_roots" = { "." = "write", docs = "read", "**/*.env" = "none" }`, [
    { target: { kind: "projectRoots", below: null }, access: "write" },
    { target: { kind: "projectRoots", below: "docs" }, access: "read" },
    { target: { kind: "projectRoots", below: "**/*.env" }, access: "none" },
  ]],
  [`"/srv" = { a = "write" }`, [{ target: { kind: "path", path: "/srv/a" }, access: "write" }]],
];
for (const [toml, files] of FILES) {
  Deno.test(`load() filesystem ${toml}`, async () => {
    assert.deepEqual((await load(HEAD + toml)).config.permissions?.files, files);
  });
}

const OFF = { enabled: false, rules: null, unixSockets: [], loopbackPorts: [] } as const;

const NETWORKS: readonly (readonly [toml: string, network: NonNullable<EffectiveConfig["permissions"]>["network"]])[] =
  [
    ["", OFF],
    ["enabled = true", { ...OFF, enabled: true }],
    [`enabled = true\nmode = "limited"`, { ...OFF, enabled: true, rules: { ...NO_HOSTS, mode: "limited" } }],
    [`enabled = true\ndomains = { "x.org" = "allow", "*.y.org" = "deny" }`, {
      ...OFF,
      enabled: true,
      rules: {
        ...NO_HOSTS,
        domains: [{ pattern: "x.org", access: "allow" }, { pattern: "*.y.org", access: "deny" }],
      },
    }],
    [`proxy_url = "http://127.0.0.1:1"\nenable_socks5 = false`, {
      ...OFF,
      rules: { ...NO_HOSTS, httpListen: "http://127.0.0.1:1", socksListen: "off" },
    }],
    [`enable_socks5 = true\nsocks_url = "socks5://127.0.0.1:1"`, {
      ...OFF,
      rules: { ...NO_HOSTS, socksListen: "socks5://127.0.0.1:1" },
    }],
    [
      "allow_upstream_proxy = true\nallow_local_binding = true\ndangerously_allow_non_loopback_proxy = true",
      { ...OFF, rules: { ...NO_HOSTS, useUpstreamProxy: true, allowLocalBinding: true, allowNonLoopbackListen: true } },
    ],
    [`unix_sockets = { "/run/a" = "allow", "/run/b" = "none" }`, { ...OFF, unixSockets: ["/run/a"] }],
    [`unix_sockets = { "$SSH_AUTH_SOCK" = "allow" }`, { ...OFF, unixSockets: ["$SSH_AUTH_SOCK"] }],
    ["dangerously_allow_all_unix_sockets = true", { ...OFF, unixSockets: "all" }],
    ["allow_loopback_ports = [80, 5432]", { ...OFF, loopbackPorts: [80, 5432] }],
  ];
for (const [toml, network] of NETWORKS) {
  Deno.test(`load() network ${toml.replaceAll("\n", ", ")}`, async () => {
    assert.deepEqual((await load(NETWORK + toml)).config.permissions?.network, network);
  });
}

const MISTAKES: readonly (readonly [toml: string, place: string | null, reason: string | RegExp])[] = [
  [`default_permissions = "a"`, "1:23", "default_permissions requires a `[permissions]` table"],
  [`default_permissions = "b"\n[permissions.a]`, "1:23", "default_permissions refers to undefined profile `b`"],
  [
    `[permissions.a]`,
    "1:1",
    "config defines `[permissions]` profiles but does not set `default_permissions`",
  ],
  [`${HEAD}":root" = "rw"`, "3:11", "unknown variant `rw`, expected one of `read`, `write`, `none`"],
  [`${HEAD}":root" = 3`, "3:11", /^invalid type: integer `3`, expected /],
  [`${HEAD}":project_roots" = { a = "x" }`, "3:26", /^unknown variant `x`/],
  [`${HEAD}docs = "read"`, "3:8", "filesystem path `docs` must be absolute, use `~/...`, or start with `:`"],
  [`${HEAD}":root" = { a = "read" }`, "3:11", "filesystem path `:root` does not support nested entries"],
  [
    `${HEAD}":project_roots" = { "../a" = "read" }`,
    "3:31",
    "filesystem subpath `../a` must be a descendant path without `.` or `..` components",
  ],
  [
    `${HEAD}":project_roots" = { "/a" = "read" }`,
    "3:29",
    "filesystem subpath `/a` must be a descendant path without `.` or `..` components",
  ],
  [`${HEAD}"/srv/*.env" = "read"`, "3:16", "filesystem pattern `/srv/*.env` can only be `none`"],
  [`${NETWORK}proxy_url = 3`, "3:13", "invalid type: integer `3`, expected a string"],
  [`${NETWORK}unix_sockets = { "/x" = "maybe" }`, "3:25", "unknown variant `maybe`, expected `allow` or `none`"],
  [`${NETWORK}unix_sockets = { x = "allow" }`, "3:22", "unix socket `x` must be an absolute path"],
  [`${NETWORK}mode = "some"`, "3:8", "unknown variant `some`, expected `limited` or `full`"],
  [`${NETWORK}allow_loopback_ports = [0]`, "3:25", /^invalid value: integer `0`, expected an integer from 1 to 65535$/],
  [`[sandbox_workspace_write]\nallow_loopback_ports = [70000]`, "2:25", /expected an integer from 1 to 65535$/],
  [`[sandbox_workspace_write]\nallow_git_writes = "yes"`, "2:20", /expected a boolean$/],
];
for (const [toml, place, reason] of MISTAKES) {
  Deno.test(`load() refuses ${toml.replaceAll("\n", ", ")}`, async () => {
    const error = await load(toml).then(() => null, (thrown: unknown) => thrown);
    assert.ok(error instanceof ConfigError);
    const { line, column, reason: said } = error.problem;
    assert.equal(line === null ? null : `${line}:${column}`, place);
    if (typeof reason === "string") assert.equal(said, reason);
    else assert.match(said, reason);
    assert.notEqual(error.hint, undefined);
  });
}

const BOTH = `default_permissions = "a"\nsandbox_mode = "workspace-write"\n[permissions.a]\n`;
const WINNERS: readonly (readonly [name: string, toml: string, overrides: ConfigOverride[], profile: string | null])[] =
  [
    ["the profile within one file", BOTH, [], "a"],
    ["a mode above it", BOTH, [{ key: "sandbox_mode", value: "read-only" }], null],
    ["a profile above a mode", `sandbox_mode = "read-only"\n[permissions.b]\n`, [{
      key: "default_permissions",
      value: "b",
    }], "b"],
    ["the mode of a chosen profile", `${BOTH}[profiles.x]\nsandbox_mode = "read-only"\n`, [{
      key: "profile",
      value: "x",
    }], null],
    ["no profile beside a mode", `sandbox_mode = "read-only"\n[permissions.a]\n`, [], null],
  ];
for (const [name, toml, overrides, profile] of WINNERS) {
  Deno.test(`load() lets win: ${name}`, async () => {
    assert.equal((await load(toml, overrides)).config.permissions?.name ?? null, profile);
  });
}

Deno.test("load() warns of special paths that it does not know and of profiles without files", async () => {
  const { warnings, config } = await load(`${HEAD}":foo" = "read"`);
  assert.deepEqual(config.permissions?.files, []);
  assert.match(
    warnings.map(({ summary }) => summary).join("\n"),
    /^Configured filesystem path `:foo` is not recognized/,
  );
  assert.match(warnings.map(({ summary }) => summary).join("\n"), /grants no files/);
});

Deno.test("load() warns of UDP through SOCKS5, which is not relayed", async () => {
  const toml = (wish: boolean): string =>
    `${HEAD}":root" = "read"\n[permissions.a.network]\nenable_socks5_udp = ${wish}`;
  const wished = await load(toml(true));
  assert.deepEqual(wished.warnings.map(({ summary, details }) => [summary, details]), [[
    "Permission profile `a` asks for UDP through SOCKS5: this version relays none",
    "Commands get TCP only (SOCKS CONNECT). Take enable_socks5_udp out of [permissions.a.network]",
  ]]);
  assert.deepEqual((await load(toml(false))).warnings, []);
});
