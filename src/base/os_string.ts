// Texts of the operating system (arguments, environment, paths) are bytes that need not be UTF-8. Here they become
// strings that can be turned back into the very same bytes: a byte that belongs to no character becomes the lone
// surrogate U+DC00 + byte, as Python's `surrogateescape` does.

const ESCAPE = 0xdc00;
const FIRST_ESCAPED = 0x80;

export function decodeOsBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return decodePieces(bytes);
  }
}

/** As long a piece as is UTF-8, else one byte. A character has at most four. */
function decodePieces(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((size) => at + size <= bytes.length && isText(decoder, bytes, at, size));
    if (length === undefined) text += String.fromCharCode(ESCAPE + (bytes[at] ?? 0));
    else text += decoder.decode(bytes.subarray(at, at + length));
    at += length ?? 1;
  }
  return text;
}

function isText(decoder: TextDecoder, bytes: Uint8Array, at: number, size: number): boolean {
  try {
    decoder.decode(bytes.subarray(at, at + size));
    return true;
  } catch {
    return false;
  }
}

/** The bytes of a text that `decodeOsBytes` made, or of any other text. */
export function encodeOsString(text: string): Uint8Array<ArrayBuffer> {
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= ESCAPE + FIRST_ESCAPED && code <= ESCAPE + 0xff) bytes.push(code - ESCAPE);
    else bytes.push(...new TextEncoder().encode(character));
  }
  return Uint8Array.from(bytes);
}
