// Where the product keeps its files: CODEX_HOME, or ~/.codex.
import { isAbsolutePath, joinPath, normalizePath } from "../base/absolute_path.ts";
import { CodexError, messageOf } from "../base/errors.ts";
import { homeFolder } from "../host/env.ts";
import { findRealPath, findStat, makeFolder, removeFile, writeText } from "../host/files.ts";

/**
 * The absolute path of the home. `CODEX_HOME` must name a folder that exists; `~/.codex` is made (mode 0700).
 * @throws CodexError HOME_UNUSABLE when it is missing, not a folder, or cannot be written.
 */
export async function resolveCodexHome(
  environment: Readonly<Record<string, string>>,
  currentFolder: string,
): Promise<string> {
  const configured = environment["CODEX_HOME"];
  const home = configured ? await existingHome(configured, currentFolder) : await standardHome(environment);
  await checkWritable(home, configured ? "CODEX_HOME" : "the home folder");
  return home;
}

async function existingHome(configured: string, currentFolder: string): Promise<string> {
  const path = isAbsolutePath(configured) ? normalizePath(configured) : joinPath(currentFolder, configured);
  const stat = await findStat(path).catch((error: unknown) => {
    throw unusable(
      `Cannot read CODEX_HOME "${path}": ${messageOf(error)}`,
      "Set CODEX_HOME to a folder of yours.",
      error,
    );
  });
  // wire: both sentences.
  if (stat === null) {
    throw unusable(
      `CODEX_HOME points to "${path}", but that path does not exist`,
      `Make it (mkdir -p "${path}"), or unset CODEX_HOME to use ~/.codex.`,
    );
  }
  if (stat.kind !== "directory") {
    throw unusable(
      `CODEX_HOME points to "${path}", but that path is not a directory`,
      "Set CODEX_HOME to a folder, or unset it to use ~/.codex.",
    );
  }
  return await findRealPath(path) ?? path;
}

async function standardHome(environment: Readonly<Record<string, string>>): Promise<string> {
  const user = homeFolder(environment);
  if (user === null || user === "") {
    throw unusable(
      "Cannot find the home folder: HOME is not set",
      "Set HOME, or set CODEX_HOME to a folder that exists.",
    );
  }
  const path = joinPath(user, ".codex");
  try {
    await makeFolder(path, { mode: 0o700 });
  } catch (error) {
    throw unusable(
      `Cannot make the folder "${path}": ${messageOf(error)}`,
      "Make it writable, or set CODEX_HOME to a folder of yours.",
      error,
    );
  }
  return path;
}

/** Writes and removes a file: permission bits alone do not tell (read-only mounts, full disks, other users). */
async function checkWritable(home: string, name: string): Promise<void> {
  const probe = joinPath(home, `.write_check_${crypto.randomUUID()}`);
  try {
    await writeText(probe, "", { createNew: true, mode: 0o600 });
    await removeFile(probe);
  } catch (error) {
    throw unusable(
      `Cannot write in "${home}": ${messageOf(error)}`,
      `Make ${name} writable for this user, or set CODEX_HOME to a folder that is.`,
      error,
    );
  }
}

function unusable(message: string, hint: string, cause?: unknown): CodexError {
  return new CodexError("HOME_UNUSABLE", message, { hint, cause });
}
