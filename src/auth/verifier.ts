// What checks one presented credential. Made from a secret; the secret itself is not kept where it can be printed.

export type Verdict =
  | { readonly valid: true; readonly subject: string | null }
  /** A fixed text that tells nothing of the secret or of what was presented. */
  | { readonly valid: false; readonly reason: string };

export interface Verifier {
  /** Never rejects. */
  check(presented: string): Promise<Verdict>;
}

/** Makes a verifier from the text of a secret file. @throws CodexError AUTH_SETUP for a secret that cannot be used. */
export type VerifierFactory = (secret: string) => Promise<Verifier>;
