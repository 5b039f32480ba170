// The `Authorization` header of an upgrade: one bearer token, or why there is none.

export type Bearer =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "missing" }
  | { readonly kind: "invalid" };

/** What a header may hold, RFC 9110 section 5.5, without the bytes above ASCII that nobody agrees on. */
const PRINTABLE = /^[\t\x20-\x7e]*$/;

/**
 * Reads a header value (`null`: the header is not there). The scheme's case does not matter and spaces around the token
 * are ignored; a tab separates nothing. Source: recorded reference behaviour, RFC 6750 section 2.1.
 */
export function readBearer(header: string | null): Bearer {
  if (header === null) return { kind: "missing" };
  if (!PRINTABLE.test(header)) return { kind: "invalid" };
  const space = header.indexOf(" ");
  if (space === -1 || header.slice(0, space).toLowerCase() !== "bearer") return { kind: "invalid" };
  const token = header.slice(space + 1).trim();
  return token === "" ? { kind: "invalid" } : { kind: "token", token };
}
