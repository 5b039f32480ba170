// A verifier whose secret is a file that may change while the server runs. The new secret counts as soon as the change
// is noticed, the previous one for the grace time after that; a file that has become unusable changes nothing.
import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
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
}

/** @throws CodexError AUTH_SETUP when the file cannot be used now. */
export async function createRotatingVerifier(options: RotatingOptions): Promise<RotatingVerifier> {
  const { path, make, files, log } = options;
  let signature = files.signatureOf(path);
  let current = await make(await readSecretFile(path, files));
  let previous: { readonly verifier: Verifier; readonly untilMs: number } | null = null;
  let refreshing: Promise<void> | null = null;
  await warnOfMode();

  async function warnOfMode(): Promise<void> {
    const problem = await looseMode(path, files).catch(() => null);
    if (problem !== null) log.warn(`The secret file is not private: ${problem}`);
  }

  async function lookAgain(): Promise<void> {
    const seen = files.signatureOf(path);
    if (seen === signature) return;
    signature = seen;
    try {
      const next = await make(await readSecretFile(path, files));
      previous = { verifier: current, untilMs: options.nowMs() + options.graceMs };
      current = next;
      log.info("The secret file has changed: the new secret counts now", { graceSeconds: options.graceMs / 1000 });
      await warnOfMode();
    } catch (error) {
      log.error(`The secret file has changed and cannot be used, the previous secret stays: ${messageOf(error)}`);
    }
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
    refresh(): Promise<void> {
      return refreshing ??= lookAgain().finally(() => refreshing = null);
    },
  };
}
