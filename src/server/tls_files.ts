// The certificate and key of a TLS listener as files that may change while it runs: read at the start, where a bad one
// ends it, and looked at again from then on, where a bad one is logged and the old certificate stays.
import { looseMode, type SecretFiles } from "../auth/secret_file.ts";
import { CodexError, messageOf, systemMessageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { TlsIdentity } from "../host/listen_target.ts";

export interface TlsPaths {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface TlsFiles {
  readonly identity: TlsIdentity;
  /** Reads the files again if they have changed (or in any case) and gives what is new to `use`. Never rejects. */
  refresh(use: (identity: TlsIdentity) => void, options: { readonly always: boolean }): Promise<void>;
}

/** @throws CodexError AUTH_SETUP for a file that cannot be read. */
export async function openTlsFiles(paths: TlsPaths, files: SecretFiles, log: Log): Promise<TlsFiles> {
  let signature = signatureOf();
  const identity = await read();
  await warnOfMode();

  function signatureOf(): string {
    return `${files.signatureOf(paths.certFile)} ${files.signatureOf(paths.keyFile)}`;
  }

  async function read(): Promise<TlsIdentity> {
    const cert = await readFile(paths.certFile);
    return { cert, key: await readFile(paths.keyFile) };
  }

  async function readFile(path: string): Promise<string> {
    try {
      return await files.readText(path);
    } catch (cause) {
      throw new CodexError("AUTH_SETUP", `Cannot read the TLS file "${path}": ${systemMessageOf(cause)}`, { cause });
    }
  }

  async function warnOfMode(): Promise<void> {
    const problem = await looseMode(paths.keyFile, files).catch(() => null);
    if (problem !== null) log.warn(`The TLS key is not private: ${problem}`);
  }

  return {
    identity,
    async refresh(use, { always }): Promise<void> {
      const seen = signatureOf();
      if (seen === signature && !always) return;
      signature = seen;
      try {
        use(await read());
        log.info("The TLS certificate was read again: new connections get it");
        await warnOfMode();
      } catch (error) {
        // The two files are seldom replaced at one moment: the next look finds the second.
        log.error(`Cannot use the changed TLS files, the old certificate stays: ${messageOf(error)}`);
      }
    },
  };
}
