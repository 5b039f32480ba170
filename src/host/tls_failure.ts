// Why a TLS connection failed, in words that say what to do. The runtime tells the cause only in the error's text.

export interface TlsFailure {
  readonly text: string;
  readonly hint: string;
}

const AUTHORITY = "For a certificate authority of your own, name its PEM file in CODEX_CA_CERTIFICATE";

const CAUSES: readonly (readonly [RegExp, TlsFailure])[] = [
  [/InvalidContentType/, {
    text: "TLS failed: the other side does not speak it",
    hint: "Use ws:// for a server without TLS",
  }],
  [/UnknownIssuer|BadSignature/, {
    text: "TLS failed: the server's certificate was signed by an authority that is not known here",
    hint: AUTHORITY,
  }],
  [/NotValidForName|not valid for name/, {
    text: "TLS failed: the server's certificate is for another name",
    hint: "Connect to the name in the certificate, or issue one with this name as subjectAltName",
  }],
  [/NotValidYet|not valid yet/, {
    text: "TLS failed: the server's certificate is not valid yet",
    hint: "Check the clocks of both machines",
  }],
  [/Expired|expired/, {
    text: "TLS failed: the server's certificate has expired",
    hint: "Renew it on the server; a running server takes the new file by itself",
  }],
  [/CaUsedAsEndEntity/, {
    text: "TLS failed: the server shows the certificate of an authority as its own",
    hint: "Issue a server certificate, with basicConstraints=CA:FALSE",
  }],
];

/** Null when the text is not about TLS. */
export function explainTlsFailure(problem: string): TlsFailure | null {
  if (!/InvalidContentType|certificate|tls/i.test(problem)) return null;
  return CAUSES.find(([pattern]) => pattern.test(problem))?.[1] ?? { text: "TLS failed", hint: AUTHORITY };
}
