// `codex app-server token new` and `token mint`: what clients of a server prove themselves with. The secret part goes to
// a private file or to standard output, never into a message.
import { isAbsolutePath, joinPath, parentPath } from "../../base/absolute_path.ts";
import { CodexError, systemMessageOf } from "../../base/errors.ts";
import { joinShellWords } from "../../base/shell_words.ts";
import { looseMode, readSecretFile } from "../../auth/secret_file.ts";
import { mintSignedToken } from "../../auth/signed_token.ts";
import { systemClock } from "../../host/clock.ts";
import { findSignature } from "../../host/file_signature.ts";
import {
  fileTroubleOf,
  findStat,
  linkFile,
  makeFolder,
  moveFile,
  readText,
  removeFile,
  writeText,
} from "../../host/files.ts";
import type { CliContext } from "../command.ts";
import { EXIT_OK } from "../exit_codes.ts";
import type { TokenMintArgs, TokenNewArgs } from "../server_tool_args.ts";

const TOKEN_BYTES = 32;
const FILES = { readText, findStat, signatureOf: (path: string) => findSignature(path)?.text ?? null };

/** Writes the token beside its place and then puts it there, so that no half of one is ever read. */
export async function runTokenNew({ path, force }: TokenNewArgs, context: CliContext): Promise<number> {
  const target = joinPath(context.folder, path);
  const token = base64Url(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
  const draft = `${target}.${crypto.randomUUID()}.new`;
  const folder = parentPath(target);
  await makeFolder(folder, { mode: 0o700 }).catch((cause) => {
    throw new CodexError("AUTH_SETUP", `Cannot make the folder "${folder}": ${systemMessageOf(cause)}`, { cause });
  });
  try {
    await writeText(draft, `${token}\n`, { mode: 0o600, createNew: true });
    // A link is refused where there is a file already; a move replaces it.
    if (force) await moveFile(draft, target);
    else await linkFile(draft, target);
  } catch (cause) {
    if (!force && fileTroubleOf(cause) === "exists") {
      throw new CodexError("AUTH_SETUP", `Cannot write the token: there is a file "${target}" already`, {
        hint: "Use --force to replace it: a running server then takes the new token",
      });
    }
    throw new CodexError("AUTH_SETUP", `Cannot write the token to "${target}": ${systemMessageOf(cause)}`, { cause });
  } finally {
    await removeFile(draft).catch(() => {});
  }
  context.printStdout(`${target}\n`);
  const word = joinShellWords([target]);
  context.printStderr(
    `A new token is in the file, which only you can read. Use it with:\n` +
      `  codex app-server --listen ws://127.0.0.1:4500 --ws-auth capability-token --ws-token-file ${word}\n` +
      `  CODEX_TOKEN="$(cat ${word})" codex --remote ws://127.0.0.1:4500 --remote-auth-token-env CODEX_TOKEN\n`,
  );
  return EXIT_OK;
}

export async function runTokenMint(args: TokenMintArgs, context: CliContext): Promise<number> {
  const path = isAbsolutePath(args.secretFile) ? args.secretFile : joinPath(context.folder, args.secretFile);
  const secret = await readSecretFile(path, FILES);
  const problem = await looseMode(path, FILES);
  if (problem !== null) context.printStderr(`warning: the secret file is not private: ${problem}\n`);
  const issuedAt = Math.floor(systemClock.nowMs() / 1000);
  const { issuer, audience, subject } = args;
  try {
    const token = await mintSignedToken(secret, {
      issuedAt,
      expiresAt: issuedAt + args.ttlSeconds,
      issuer,
      audience,
      subject,
    });
    context.printStdout(`${token}\n`);
  } catch (error) {
    if (!(error instanceof CodexError)) throw error;
    // wire: as the server itself says it.
    throw new CodexError("AUTH_SETUP", `signed websocket bearer secret ${path} ${error.message}`);
  }
  return EXIT_OK;
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
