// Thread ids on the wire are UUIDs, in any of the usual spellings; what is none is refused with the reference's words.
import { isUuid } from "../base/ids.ts";
import { invalidThreadId, RequestRejected } from "./error_map.ts";

const GROUP_LENGTHS = [8, 4, 4, 4, 12];
const SIMPLE = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i;
/** What may stand around the hyphenated form. */
const DECORATED = /^(urn:uuid:|\{)(.*)$/s;

/** The plain form that threads are known by, or null. Read are that form, 32 hex digits, `{…}` and `urn:uuid:…`. */
export function toThreadId(text: string): string | null {
  const plain = undecorated(text)?.inner ?? text.replace(SIMPLE, "$1-$2-$3-$4-$5");
  return isUuid(plain) ? plain.toLowerCase() : null;
}

/** @throws RequestRejected */
export function checkThreadId(text: string): string {
  const id = toThreadId(text);
  if (id !== null) return id;
  throw new RequestRejected(invalidThreadId(explainUuid(text)));
}

function undecorated(text: string): { readonly inner: string; readonly offset: number } | null {
  const [, prefix = "", rest = ""] = DECORATED.exec(text) ?? [];
  if (prefix === "{") return rest.endsWith("}") ? { inner: rest.slice(0, -1), offset: 1 } : null;
  return prefix === "" ? null : { inner: rest, offset: prefix.length };
}

// wire: the texts of the reference's UUID parser.
function explainUuid(text: string): string {
  const decorated = undecorated(text);
  const { inner, offset } = decorated ?? { inner: text, offset: 0 };
  const bad = /[^0-9a-fA-F-]/u.exec(inner);
  if (bad) {
    const expected = "expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-]";
    return `invalid character: ${expected}, found \`${bad[0]}\` at ${offset + bad.index + 1}`;
  }
  const groups = inner.split("-");
  if (groups.length === 1 && decorated === null) {
    return `invalid length: expected length 32 for simple format, found ${text.length}`;
  }
  if (groups.length !== GROUP_LENGTHS.length) return `invalid group count: expected 5, found ${groups.length}`;
  const wrong = groups.findIndex((group, index) => group.length !== GROUP_LENGTHS[index]);
  // It counts the last group by what is left of the whole text.
  const found = (groups[wrong]?.length ?? 0) + (wrong === 4 ? text.length - inner.length : 0);
  return `invalid group length in group ${wrong}: expected ${GROUP_LENGTHS[wrong]}, found ${found}`;
}
