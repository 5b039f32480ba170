// The environment that commands get. Pure: names are matched, nothing is read.
import type { ShellEnvironmentPolicyConfig } from "./effective_config.ts";

/** Kept with `inherit = "core"`. Source: recorded. */
const CORE_NAMES = new Set([
  "HOME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LOGNAME",
  "PATH",
  "SHELL",
  "TEMP",
  "TMP",
  "TMPDIR",
  "USER",
  "USERNAME",
]);

/** Names that look like secrets. */
const DEFAULT_EXCLUDES = ["*KEY*", "*SECRET*", "*TOKEN*"];

/**
 * `base` after the policy: inherit, leave out what looks like a secret, leave out `exclude`, add `set`, then keep only
 * `includeOnly` (when it names anything). Patterns know `*` and `?` and do not mind case.
 */
export function commandEnvironment(
  base: Readonly<Record<string, string>>,
  policy: ShellEnvironmentPolicyConfig,
): Record<string, string> {
  const excluded = toMatcher([...(policy.ignoreDefaultExcludes ? [] : DEFAULT_EXCLUDES), ...policy.exclude]);
  const included = policy.includeOnly.length === 0 ? () => true : toMatcher(policy.includeOnly);
  const inherited = policy.inherit === "none"
    ? []
    : Object.entries(base).filter(([name]) => policy.inherit === "all" || CORE_NAMES.has(name.toUpperCase()));
  return Object.fromEntries(
    [...inherited.filter(([name]) => !excluded(name)), ...Object.entries(policy.set)].filter(([name]) =>
      included(name)
    ),
  );
}

function toMatcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const source = pattern.replace(/[\\^$.+()[\]{}|]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
    return new RegExp(`^${source}$`, "is");
  });
  return (name) => expressions.some((expression) => expression.test(name));
}
