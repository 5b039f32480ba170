// JSON in which an object names one member twice means one thing to one reader and another to the next, so a token with
// such a header or such claims is none. Source: RFC 7515 section 4, RFC 7519 section 4.

/** A string with the colon that makes it a name, or a bracket. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g;

/** Whether the outermost object has two members of one name. `json` must be valid. */
export function hasTwinMembers(json: string): boolean {
  const names = new Set<unknown>();
  let depth = 0;
  for (const [token, text, colon] of json.matchAll(TOKENS)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    if (depth !== 1 || text === undefined || colon === undefined) continue;
    // Escapes are other spellings of one name.
    const name: unknown = JSON.parse(text);
    if (names.has(name)) return true;
    names.add(name);
  }
  return false;
}
