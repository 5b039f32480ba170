// Which certificate authorities are trusted beside the runtime's own: a file that the environment names, else those of
// the system.
import { CodexError, messageOf } from "../base/errors.ts";

/** Where Linux distributions keep them; macOS and Windows keep theirs elsewhere and use the runtime's own. */
const SYSTEM_BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/** PEM texts. @throws CodexError USAGE for a named file that cannot be read. */
export async function readCaCertificates(environment: Readonly<Record<string, string>>): Promise<string[]> {
  for (const variable of ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"]) {
    const path = environment[variable];
    if (path === undefined || path === "") continue;
    try {
      return [await Deno.readTextFile(path)];
    } catch (cause) {
      throw new CodexError("USAGE", `Cannot read the certificates that ${variable} names: ${messageOf(cause)}`, {
        cause,
      });
    }
  }
  for (const path of SYSTEM_BUNDLES) {
    const text = await Deno.readTextFile(path).catch(() => null);
    if (text !== null) return [text];
  }
  return [];
}
