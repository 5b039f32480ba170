// Which certificate authorities are trusted beside the runtime's own: a file that the environment names, else those of
// the system.
import { CodexError, systemMessageOf } from "../base/errors.ts";

/** Where Linux distributions keep them; macOS and Windows keep theirs elsewhere and use the runtime's own. */
const SYSTEM_BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/** PEM texts. @throws CodexError USAGE for a named file that cannot be used. */
export async function readCaCertificates(environment: Readonly<Record<string, string>>): Promise<string[]> {
  for (const variable of ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"]) {
    const path = environment[variable];
    if (path === undefined || path === "") continue;
    const unusable = `Cannot use the certificates of "${path}", which ${variable} names`;
    const text = await Deno.readTextFile(path).catch((cause) => {
      throw new CodexError("USAGE", `${unusable}: ${systemMessageOf(cause)}`, { cause });
    });
    const problem = problemWith(text);
    if (problem === null) return [text];
    throw new CodexError("USAGE", `${unusable}: ${problem}`, {
      hint: "Name a PEM file with the certificates of the authorities to trust",
    });
  }
  for (const path of SYSTEM_BUNDLES) {
    const text = await Deno.readTextFile(path).catch(() => null);
    if (text !== null && problemWith(text) === null) return [text];
  }
  return [];
}

function problemWith(text: string): string | null {
  if (!text.includes("-----BEGIN CERTIFICATE-----")) return "there is no PEM certificate in it";
  try {
    Deno.createHttpClient({ caCerts: [text] }).close();
    return null;
  } catch {
    return "a certificate in it is damaged";
  }
}
