// A verifier whose secret is a file that may change while the server runs. The new secret counts as soon as the change
// is noticed, the previous one for the grace time after that; a file that has become unusable changes nothing, and is
// tried again until it is usable.
import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { digestOf, isSameDigest } from "./secret_digest.ts";
import { looseMode, readSecretFile, type SecretFiles } from "./secret_file.ts";
import type { Verdict, Verifier, VerifierFactory } from "./verifier.ts";

export interface RotatingOptions {
  readonly path: string;
  readonly make: VerifierFactory;
  readonly graceMs: number;
  readonly files: SecretFiles;
  readonly log: Log;
  /** Unix milliseconds. */
  nowMs(): number;
}

export interface RotatingVerifier extends Verifier {
  /** Looks whether the file has changed, and takes the new secret if so. Never rejects. */
  refresh(): Promise<void>;
  /** Reads the file, whether or not it looks changed. Never rejects. */
  reload(): Promise<void>;
}

/** @throws CodexError AUTH_SETUP when the file cannot be used now. */
export async function createRotatingVerifier(options: RotatingOptions): Promise<RotatingVerifier> {
  const { path, make, files, log } = options;
  let signature = files.signatureOf(path);
  const first = await readSecretFile(path, files);
  let digest = await digestOf(first);
  let current = await make(first);
  let previous: { readonly verifier: Verifier; readonly untilMs: number } | null = null;
  /** Why the file as it is now cannot be used. */
  let trouble: string | null = null;
  let waiting = 0;
  let lastLook = Promise.resolve();
  await warnOfMode();

  async function warnOfMode(): Promise<void> {
    const problem = await looseMode(path, files).catch(() => null);
    if (problem !== null) log.warn(`The secret file is not private: ${problem}`);
  }

  async function look(always: boolean): Promise<void> {
    const seen = files.signatureOf(path);
    // New permissions leave the signature as it is and may be what was missing.
    if (seen === signature && trouble === null && !always) return;
    signature = seen;
    try {
      await take(await readSecretFile(path, files));
      trouble = null;
    } catch (error) {
      const message = messageOf(error);
      if (message !== trouble || always) {
        log.error(`The secret file has changed and cannot be used, the previous secret stays: ${message}`);
      }
      trouble = message;
      return;
    }
    await warnOfMode();
  }

  async function take(secret: string): Promise<void> {
    const next = await digestOf(secret);
    // A file that was only touched must not end the grace of the secret before it.
    if (isSameDigest(digest, next)) {
      if (trouble !== null) log.info("The secret file can be used again, the secret is the same");
      return;
    }
    const verifier = await make(secret);
    previous = { verifier: current, untilMs: options.nowMs() + options.graceMs };
    [current, digest] = [verifier, next];
    log.info("The secret file has changed: the new secret counts now", { graceSeconds: options.graceMs / 1000 });
  }

  /** One look after the other. */
  function lookInTurn(always: boolean): Promise<void> {
    waiting++;
    return lastLook = lastLook.then(() => look(always)).finally(() => waiting--);
  }

  return {
    async check(presented): Promise<Verdict> {
      const verdict = await current.check(presented);
      if (verdict.valid || previous === null) return verdict;
      if (options.nowMs() >= previous.untilMs) {
        previous = null;
        return verdict;
      }
      const older = await previous.verifier.check(presented);
      return older.valid ? older : verdict;
    },
    // A disk that hangs must not make looks pile up.
    refresh: () => waiting > 0 ? lastLook : lookInTurn(false),
    reload: () => lookInTurn(true),
  };
}
