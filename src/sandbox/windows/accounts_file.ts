// What setup leaves in CODEX_HOME: a marker that says it was done and by which version, and the passwords of the sandbox
// users, protected by Windows for the user who ran it. In the reference's form.
import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { joinPath } from "../../base/absolute_path.ts";
import { CodexError } from "../../base/errors.ts";
import { findText, makeFolder, writeText } from "../../host/files.ts";

/** Of marker and secrets: another one asks for a new setup. */
export const SETUP_VERSION = 5;

export const OFFLINE_USER = "CodexSandboxOffline";
export const ONLINE_USER = "CodexSandboxOnline";
export const SANDBOX_GROUP = "CodexSandboxUsers";

const Marker = Type.Object({
  version: Type.Literal(SETUP_VERSION),
  offline_username: Type.String(),
  online_username: Type.String(),
  created_at: Type.String(),
  /** Ours: the reference's marker does not have them. */
  group_sid: Type.String(),
  offline_sid: Type.String(),
});
export type SetupMarker = Static<typeof Marker>;

const Account = Type.Object({ username: Type.String(), password: Type.String() });
const Secrets = Type.Object({ version: Type.Literal(SETUP_VERSION), offline: Account, online: Account });
export type SandboxSecrets = Static<typeof Secrets>;

/** One of the sandbox users, as the contract names it. */
export interface SandboxAccount {
  readonly user: string;
  readonly secret: string;
}

export interface SandboxAccounts {
  readonly offline: SandboxAccount;
  readonly online: SandboxAccount;
  readonly groupSid: string;
}

export interface SetupPaths {
  readonly folder: string;
  readonly marker: string;
  readonly secretsFolder: string;
  readonly secrets: string;
}

export function setupPaths(codexHome: string): SetupPaths {
  const folder = joinPath(codexHome, ".sandbox");
  const secretsFolder = joinPath(codexHome, ".sandbox-secrets");
  return {
    folder,
    marker: joinPath(folder, "setup_marker.json"),
    secretsFolder,
    secrets: joinPath(secretsFolder, "sandbox_users.json"),
  };
}

/** Null when setup was never done, or by a version that did other things. */
export async function findSetupMarker(codexHome: string): Promise<SetupMarker | null> {
  return parse(Marker, await findText(setupPaths(codexHome).marker));
}

/** Null when there are no passwords, or those of another version. */
export async function findSetupSecrets(codexHome: string): Promise<SandboxSecrets | null> {
  return parse(Secrets, await findText(setupPaths(codexHome).secrets));
}

/** @throws CodexError SANDBOX_UNAVAILABLE when there was no setup, or one of another version. */
export async function readSandboxAccounts(codexHome: string): Promise<SandboxAccounts> {
  const paths = setupPaths(codexHome);
  const [marker, secrets] = await Promise.all([findSetupMarker(codexHome), findSetupSecrets(codexHome)]);
  if (marker === null || secrets === null) {
    const wasSetUp = await findText(paths.marker) !== null;
    const why = wasSetUp ? "its setup is of another version, or incomplete" : "it is not set up";
    throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot use the elevated sandbox: ${why}`, {
      hint: 'Run `codex sandbox windows setup` as administrator, or set windows.sandbox = "unelevated"',
    });
  }
  return {
    offline: { user: secrets.offline.username, secret: secrets.offline.password },
    online: { user: secrets.online.username, secret: secrets.online.password },
    groupSid: marker.group_sid,
  };
}

export async function makeSetupFolders(codexHome: string): Promise<void> {
  const paths = setupPaths(codexHome);
  await makeFolder(paths.folder, { mode: 0o700 });
  await makeFolder(paths.secretsFolder, { mode: 0o700 });
}

export async function writeSetup(codexHome: string, marker: SetupMarker, secrets: SandboxSecrets): Promise<void> {
  const paths = setupPaths(codexHome);
  await makeSetupFolders(codexHome);
  // The marker last: it says that all before it is there.
  await writeText(paths.secrets, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await writeText(paths.marker, `${JSON.stringify(marker, null, 2)}\n`);
}

function parse<T extends Type.TSchema>(schema: T, text: string | null): Static<T> | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(schema, value) ? value : null;
  } catch {
    return null;
  }
}
