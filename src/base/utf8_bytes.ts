// How long text is as UTF-8, without encoding it.

/** Bytes of the text as UTF-8; a half of a surrogate pair alone counts as two. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // A pair of surrogates is two units and four bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/** Whether the text has more bytes than that; counts only where its length leaves it open. */
export function exceedsUtf8Bytes(text: string, bytes: number): boolean {
  return text.length > bytes || (text.length * 3 > bytes && utf8Bytes(text) > bytes);
}
