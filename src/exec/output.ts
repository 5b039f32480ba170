// What a command printed, bounded: the start and the end are kept, with a line in between that says how much is not.
// Also turns bytes into text without cutting a character that two reads share.

/** Of one command's whole output; half at each end. In UTF-16 units, so at most three times as many bytes. */
export const MAX_OUTPUT_CHARS = 1024 * 1024;

export class HeadTailText {
  readonly #maxHead: number;
  readonly #maxTail: number;
  #head = "";
  #tail = "";
  #omitted = 0;

  constructor(maxChars: number = MAX_OUTPUT_CHARS) {
    this.#maxHead = Math.floor(maxChars / 2);
    this.#maxTail = maxChars - this.#maxHead;
  }

  append(text: string): void {
    const room = this.#maxHead - this.#head.length;
    const split = this.#tail === "" ? safeCut(text, room) : 0;
    this.#head += text.slice(0, split);
    this.#tail += text.slice(split);
    // Cut late: a slice for every small append would copy the tail each time.
    if (this.#tail.length > 2 * this.#maxTail) this.#cutTail();
  }

  get isEmpty(): boolean {
    return this.#head === "" && this.#tail === "";
  }

  toString(): string {
    this.#cutTail();
    if (this.#omitted === 0) return this.#head + this.#tail;
    return `${this.#head}\n[… ${this.#omitted} characters left out …]\n${this.#tail}`;
  }

  #cutTail(): void {
    if (this.#tail.length <= this.#maxTail) return;
    const cut = safeCut(this.#tail, this.#tail.length - this.#maxTail);
    this.#omitted += cut;
    this.#tail = this.#tail.slice(cut);
  }
}

/** At most `index`, and not between the halves of a surrogate pair. */
function safeCut(text: string, index: number): number {
  const cut = Math.max(0, Math.min(index, text.length));
  return cut > 0 && /[\uD800-\uDBFF]/.test(text[cut - 1] ?? "") ? cut - 1 : cut;
}

/** Decodes one stream; what is not UTF-8 becomes U+FFFD. */
export class OutputDecoder {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /** The complete characters so far. */
  decode(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** What was left of a character that never came whole. */
  end(): string {
    return this.#decoder.decode();
  }
}
