// Who may connect, decided from the flags once at the start: secret files are read and checked here, and a bad one ends
// the process rather than weakening anything.
import { isAbsolutePath } from "../base/absolute_path.ts";
import { CodexError, messageOf } from "../base/errors.ts";
import { type CapabilityToken, createCapabilityToken } from "./capability_token.ts";

/** What the flags `--ws-auth …` ask for; null: nothing. */
export type AuthRequest =
  | { readonly mode: "capability-token"; readonly tokenFile: string }
  | { readonly mode: "signed-bearer-token" };

export type AuthPolicy =
  | { readonly kind: "open" }
  | { readonly kind: "capabilityToken"; readonly token: CapabilityToken };

export const OPEN: AuthPolicy = { kind: "open" };

/**
 * The policy that the flags ask for. `readText` reads a file as UTF-8.
 * @throws CodexError AUTH_SETUP: a mode that this build does not have, a path that is not absolute, an unreadable or
 * empty file.
 */
export async function loadAuthPolicy(
  request: AuthRequest | null,
  readText: (path: string) => Promise<string>,
): Promise<AuthPolicy> {
  if (request === null) return OPEN;
  if (request.mode === "signed-bearer-token") {
    throw setup("Cannot use signed bearer tokens: this version has none", "Use --ws-auth capability-token");
  }
  const secret = await readSecret(request.tokenFile, readText);
  return { kind: "capabilityToken", token: await createCapabilityToken(secret) };
}

async function readSecret(path: string, readText: (path: string) => Promise<string>): Promise<string> {
  if (!isAbsolutePath(path)) {
    throw setup(`Cannot use the token file "${path}": the path is not absolute`, "Give the whole path, from /");
  }
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    // wire: this text and those below are the reference's; scripts match them.
    throw new CodexError("AUTH_SETUP", `failed to read websocket auth secret ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  // A file that is not UTF-8 holds replacement characters once it is read as text.
  if (text.includes("\uFFFD")) {
    throw setup(`failed to read websocket auth secret ${path}: stream did not contain valid UTF-8`);
  }
  const secret = text.trim();
  if (secret === "") throw setup(`websocket auth secret ${path} must not be empty`, "Write a token into the file");
  return secret;
}

function setup(message: string, hint?: string): CodexError {
  return new CodexError("AUTH_SETUP", message, hint === undefined ? {} : { hint });
}
