// A file that holds one secret as text. White space around it does not count, so that `openssl rand … > FILE` works.
// Errors and warnings name the file and never what is in it.
import { isAbsolutePath } from "../base/absolute_path.ts";
import { CodexError, systemMessageOf } from "../base/errors.ts";
import { joinShellWords } from "../base/shell_words.ts";

export interface SecretFiles {
  /** As UTF-8; what is none becomes U+FFFD. */
  readText(path: string): Promise<string>;
  /** Null: it is not there. */
  findStat(path: string): Promise<{ readonly mode: number | null } | null>;
  /** Changes whenever the file does; null: it is not there. */
  signatureOf(path: string): string | null;
}

const OTHERS_MAY_READ = 0o044;
const OTHERS_MAY_WRITE = 0o022;

/** @throws CodexError AUTH_SETUP: a path that is not absolute, an unreadable or empty file. */
export async function readSecretFile(path: string, files: SecretFiles): Promise<string> {
  if (!isAbsolutePath(path)) {
    throw new CodexError("AUTH_SETUP", `Cannot use the secret file "${path}": the path is not absolute`, {
      hint: "Give the whole path, from /",
    });
  }
  let text: string;
  try {
    text = await files.readText(path);
  } catch (cause) {
    // wire: this text and those below are the reference's; scripts match them.
    throw new CodexError("AUTH_SETUP", `failed to read websocket auth secret ${path}: ${systemMessageOf(cause)}`, {
      cause,
    });
  }
  // A file that is not UTF-8 holds replacement characters once it is read as text.
  if (text.includes("\uFFFD")) {
    throw new CodexError(
      "AUTH_SETUP",
      `failed to read websocket auth secret ${path}: stream did not contain valid UTF-8`,
    );
  }
  const secret = text.trim();
  if (secret === "") {
    throw new CodexError("AUTH_SETUP", `websocket auth secret ${path} must not be empty`, {
      hint: "Make one with: codex app-server token new PATH",
    });
  }
  return secret;
}

/** What is wrong with the file's permissions, or null. */
export async function looseMode(path: string, files: Pick<SecretFiles, "findStat">): Promise<string | null> {
  const mode = (await files.findStat(path))?.mode ?? null;
  if (mode === null || (mode & (OTHERS_MAY_READ | OTHERS_MAY_WRITE)) === 0) return null;
  const verb = (mode & OTHERS_MAY_READ) === 0 ? "change" : "read";
  return `${path} has mode ${(mode & 0o7777).toString(8)}: others can ${verb} it; run: chmod 600 ${
    joinShellWords([path])
  }`;
}
