// A certificate authority and certificates for 127.0.0.1, made with openssl for one test.
import { run } from "./process.ts";

export interface Authority {
  readonly caFile: string;
  /** Writes `cert` and `key` for 127.0.0.1 with this name in it. */
  issue(cert: string, key: string, commonName: string): Promise<void>;
}

export async function makeAuthority(folder: string): Promise<Authority> {
  const caFile = `${folder}/ca.pem`;
  const caKey = `${folder}/ca.key`;
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl("req", "-x509", ...curve, "-keyout", caKey, "-out", caFile, "-days", "2", "-subj", "/CN=test-ca");
  return {
    caFile,
    async issue(cert, key, commonName): Promise<void> {
      const request = `${folder}/request.pem`;
      const extensions = `${folder}/extensions`;
      await Deno.writeTextFile(extensions, "subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n");
      // Both files are complete before they get their names.
      const draft = { cert: `${cert}.new`, key: `${key}.new` };
      await openssl("req", ...curve, "-keyout", draft.key, "-out", request, "-subj", `/CN=${commonName}`);
      const signing = ["-CA", caFile, "-CAkey", caKey, "-CAcreateserial", "-days", "1", "-extfile", extensions];
      await openssl("x509", "-req", "-in", request, ...signing, "-out", draft.cert);
      await Deno.chmod(draft.key, 0o600);
      await Deno.rename(draft.key, key);
      await Deno.rename(draft.cert, cert);
    },
  };
}

async function openssl(...args: string[]): Promise<void> {
  const { code, stderr } = await run({ command: "openssl", args });
  if (code !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
