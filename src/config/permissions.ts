// `default_permissions` and `[permissions.NAME]`: which profile holds, what it says, and what is wrong with it. A
// `sandbox_mode` in a higher layer wins over a `default_permissions` in a lower one; in one layer the profile wins.
// Specified by recorded answers of the reference.
import { isAbsolutePath, joinPath, normalizePath } from "../base/absolute_path.ts";
import type { PermissionProfileConfig } from "./effective_config.ts";
import type { Layer } from "./layer_stack.ts";
import type { ConfigTable, ConfigValue, ConfigWarning } from "./loaded_config.ts";
import { networkOfProfile, networkWarnings, type PermissionProblem } from "./permission_network.ts";
import { textOf } from "./resolve.ts";
import { isTable, ownValue } from "./value_type.ts";

export interface FoundPermissions {
  readonly profile: PermissionProfileConfig | null;
  readonly problem: PermissionProblem | null;
  readonly warnings: readonly ConfigWarning[];
}

export interface PermissionSources {
  /** Lowest first, the request's own last. */
  readonly layers: readonly Layer[];
  /** The table of the chosen `[profiles.NAME]`. */
  readonly profile: ConfigTable;
  /** What `~` is, or null. */
  readonly home: string | null;
}

type FileRule = PermissionProfileConfig["files"][number];
type Read = { readonly rules: readonly FileRule[]; readonly warnings: readonly ConfigWarning[] } | PermissionProblem;

const NOTHING: FoundPermissions = { profile: null, problem: null, warnings: [] };

/** `table` was checked against the key table. */
export function findPermissions(table: ConfigTable, sources: PermissionSources): FoundPermissions {
  const permissions = ownValue(table, "permissions");
  const name = textOf(ownValue(table, "default_permissions"));
  if (name === null) {
    const [first] = isTable(permissions) ? Object.keys(permissions) : [];
    if (first === undefined || ownValue(table, "sandbox_mode") !== undefined) return NOTHING;
    return failed(
      ["permissions", first],
      // wire: this sentence and those below
      "config defines `[permissions]` profiles but does not set `default_permissions`",
      `Choose one: default_permissions = "${first}"`,
    );
  }
  if (modeWins(sources)) return NOTHING;
  return readProfile(permissions, name, sources.home);
}

function readProfile(
  permissions: ConfigValue | undefined,
  name: string,
  home: string | null,
): FoundPermissions {
  const at = ["default_permissions"];
  if (!isTable(permissions)) {
    return failed(at, "default_permissions requires a `[permissions]` table", `Add a [permissions.${name}] table`);
  }
  const table = ownValue(permissions, name);
  if (!isTable(table)) {
    const known = Object.keys(permissions).join(", ");
    return failed(
      at,
      `default_permissions refers to undefined profile \`${name}\``,
      known === ""
        ? `Add a [permissions.${name}] table`
        : `Choose one of ${known}, or add a [permissions.${name}] table`,
    );
  }
  const filesystem = ownValue(table, "filesystem");
  const files = readFiles(isTable(filesystem) ? filesystem : {}, ["permissions", name, "filesystem"], home);
  if ("reason" in files) return { profile: null, problem: files, warnings: [] };
  const key = ["permissions", name, "network"];
  const network = networkOfProfile(ownValue(table, "network"), key);
  if ("reason" in network) return { profile: null, problem: network, warnings: [] };
  const warnings = [...files.warnings, ...networkWarnings(ownValue(table, "network"), name)];
  if (files.rules.length === 0) {
    warnings.push({
      summary: `Permission profile \`${name}\` grants no files: commands can read nothing, not even their own programs`,
      details: `Add to [permissions.${name}.filesystem], for example ":minimal" = "read"`,
      path: null,
    });
  }
  return { profile: { name, files: files.rules, network }, problem: null, warnings };
}

function failed(key: readonly string[], reason: string, hint: string): FoundPermissions {
  return { profile: null, problem: { key, reason, hint }, warnings: [] };
}

/** Does a `sandbox_mode` lie above every `default_permissions`? */
function modeWins({ layers, profile }: PermissionSources): boolean {
  if (Object.hasOwn(profile, "sandbox_mode")) return true;
  const last = layers.findLast(({ table, disabledReason }) =>
    disabledReason === null && (Object.hasOwn(table, "default_permissions") || Object.hasOwn(table, "sandbox_mode"))
  );
  return last !== undefined && !Object.hasOwn(last.table, "default_permissions");
}

function readFiles(table: ConfigTable, key: readonly string[], home: string | null): Read {
  const rules: FileRule[] = [];
  const warnings: ConfigWarning[] = [];
  for (const [path, value] of Object.entries(table)) {
    const here = [...key, path];
    const entries: readonly (readonly [string | null, ConfigValue])[] = isTable(value)
      ? Object.entries(value)
      : [[null, value]];
    for (const [below, access] of entries) {
      const target = below === null ? targetOf(path, here, home) : targetBelow(path, below, { here, home });
      if (target === null) {
        warnings.push({
          // wire: this sentence
          summary:
            `Configured filesystem path \`${path}\` is not recognized by this version of Codex and will be ignored.`,
          details: "Known are :root, :minimal, :project_roots and :tmpdir",
          path: null,
        });
        break;
      }
      if ("reason" in target) return target;
      const rule: FileRule = { target, access: accessOf(access) };
      const problem = patternProblem(rule, below === null ? here : [...here, below]);
      if (problem !== null) return problem;
      rules.push(rule);
    }
  }
  return { rules, warnings };
}

function accessOf(value: ConfigValue): FileRule["access"] {
  // Checked against the key table: one of the three.
  return textOf(value) as FileRule["access"];
}

type Target = FileRule["target"] | PermissionProblem | null;

function targetOf(path: string, key: readonly string[], home: string | null): Target {
  switch (path) {
    case ":root":
      return { kind: "root" };
    case ":minimal":
      return { kind: "minimal" };
    case ":tmpdir":
      return { kind: "tmpdir" };
    case ":project_roots":
      return { kind: "projectRoots", below: null };
  }
  if (path.startsWith(":")) return null;
  const expanded = expandHome(path, home);
  if (expanded !== null && isAbsolutePath(expanded)) return { kind: "path", path: normalizePath(expanded) };
  return {
    key,
    reason: `filesystem path \`${path}\` must be absolute, use \`~/...\`, or start with \`:\``,
    hint: `For a path in the workspace add it to [permissions.NAME.filesystem.":project_roots"]`,
  };
}

function expandHome(path: string, home: string | null): string | null {
  if (path !== "~" && !path.startsWith("~/")) return path;
  return home === null ? null : joinPath(home, path.slice(2));
}

function targetBelow(
  path: string,
  below: string,
  { here, home }: { readonly here: readonly string[]; readonly home: string | null },
): Target {
  const base = targetOf(path, here, home);
  if (base === null || "reason" in base) return base;
  if (base.kind !== "projectRoots" && base.kind !== "path") {
    return {
      key: here,
      reason: `filesystem path \`${path}\` does not support nested entries`,
      hint: "Only :project_roots and plain paths have entries below them",
    };
  }
  if (below === ".") return base;
  const parts = below.split("/");
  if (below === "" || parts.some((part) => part === "" || part === "." || part === "..")) {
    return {
      key: [...here, below],
      reason: `filesystem subpath \`${below}\` must be a descendant path without \`.\` or \`..\` components`,
      hint: `Write it relative to ${path}, for example "docs/private"`,
    };
  }
  return base.kind === "projectRoots"
    ? { kind: "projectRoots", below }
    : { kind: "path", path: joinPath(base.path, below) };
}

/** A pattern says what is hidden; what may be read or written is named by folders. */
function patternProblem({ target, access }: FileRule, key: readonly string[]): PermissionProblem | null {
  const text = target.kind === "path" ? target.path : target.kind === "projectRoots" ? target.below ?? "" : "";
  if (access === "none" || !/[*?[]/.test(text)) return null;
  return {
    key,
    reason: `filesystem pattern \`${key.at(-1)}\` can only be \`none\``,
    hint: "Name the folder itself to make it readable or writable",
  };
}
