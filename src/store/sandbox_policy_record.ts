/**
 * The sandbox policy as `turn_context` records hold it: kebab-case kinds, snake_case fields.
 * Reading never widens: a kind of read access that is not known makes the whole policy unknown.
 */
import type { ReadOnlyAccess, SandboxPolicy } from "../protocol/types/policy.ts";
import { asObject } from "./json_value.ts";

const POLICY_NAMES = {
  dangerFullAccess: "danger-full-access",
  readOnly: "read-only",
  externalSandbox: "external-sandbox",
  workspaceWrite: "workspace-write",
} as const;

export function sandboxPolicyOnDisk(policy: SandboxPolicy): Readonly<Record<string, unknown>> {
  const type = POLICY_NAMES[policy.type];
  switch (policy.type) {
    case "dangerFullAccess":
      return { type };
    case "readOnly":
      return {
        type,
        ...restrictedReads("access", policy.access),
        ...(policy.networkAccess ? { network_access: true } : {}),
      };
    case "externalSandbox":
      return { type, network_access: policy.networkAccess ?? "restricted" };
    case "workspaceWrite":
      return {
        type,
        writable_roots: policy.writableRoots ?? [],
        ...restrictedReads("read_only_access", policy.readOnlyAccess),
        network_access: policy.networkAccess ?? false,
        exclude_tmpdir_env_var: policy.excludeTmpdirEnvVar ?? false,
        exclude_slash_tmp: policy.excludeSlashTmp ?? false,
      };
  }
}

/** Full read access is the default and is left out, as the reference leaves it out. */
function restrictedReads(field: string, access: ReadOnlyAccess | undefined): Readonly<Record<string, unknown>> {
  if (access === undefined || access.type === "fullAccess") return {};
  return {
    [field]: {
      type: "restricted",
      include_platform_defaults: access.includePlatformDefaults ?? true,
      readable_roots: access.readableRoots ?? [],
    },
  };
}

/** Null for a kind that is not known: a thread must not be given more to read than it had. */
function readAccessFrom(value: unknown): ReadOnlyAccess | null {
  if (value === undefined || value === null) return { type: "fullAccess" };
  const fields = asObject(value);
  if (fields?.["type"] === "full-access") return { type: "fullAccess" };
  if (fields?.["type"] !== "restricted") return null;
  return {
    type: "restricted",
    includePlatformDefaults: fields["include_platform_defaults"] !== false,
    readableRoots: stringsOf(fields["readable_roots"]),
  };
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** The wire's policy for a `turn_context` record's `sandbox_policy`; null for an unknown one. */
export function sandboxPolicyFrom(value: unknown): SandboxPolicy | null {
  const fields = asObject(value);
  switch (fields?.["type"]) {
    case "danger-full-access":
      return { type: "dangerFullAccess" };
    case "read-only": {
      const access = readAccessFrom(fields["access"]);
      return access && { type: "readOnly", access, networkAccess: fields["network_access"] === true };
    }
    case "external-sandbox":
      return {
        type: "externalSandbox",
        networkAccess: fields["network_access"] === "enabled" ? "enabled" : "restricted",
      };
    case "workspace-write": {
      const readOnlyAccess = readAccessFrom(fields["read_only_access"]);
      return readOnlyAccess && {
        type: "workspaceWrite",
        writableRoots: stringsOf(fields["writable_roots"]),
        readOnlyAccess,
        networkAccess: fields["network_access"] === true,
        excludeTmpdirEnvVar: fields["exclude_tmpdir_env_var"] === true,
        excludeSlashTmp: fields["exclude_slash_tmp"] === true,
      };
    }
    default:
      return null;
  }
}
