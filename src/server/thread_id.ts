// Thread ids on the wire are UUIDs; what is none is refused with the reference's words.
import { isUuid } from "../base/ids.ts";
import { invalidThreadId, RequestRejected } from "./error_map.ts";

const GROUP_LENGTHS = [8, 4, 4, 4, 12];

/** @throws RequestRejected */
export function checkThreadId(text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new RequestRejected(invalidThreadId(explainUuid(text)));
}

// wire: the texts of the reference's UUID parser.
function explainUuid(text: string): string {
  const bad = /[^0-9a-fA-F-]/.exec(text);
  if (bad) {
    const expected = "expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-]";
    return `invalid character: ${expected}, found \`${bad[0]}\` at ${bad.index + 1}`;
  }
  const groups = text.split("-");
  if (groups.length === 1) return `invalid length: expected length 32 for simple format, found ${text.length}`;
  if (groups.length !== GROUP_LENGTHS.length) return `invalid group count: expected 5, found ${groups.length}`;
  const wrong = groups.findIndex((group, index) => group.length !== GROUP_LENGTHS[index]);
  return `invalid group length in group ${wrong}: expected ${GROUP_LENGTHS[wrong]}, found ${groups[wrong]?.length}`;
}
