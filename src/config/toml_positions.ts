// Where each value of a TOML text stands, for error messages. The text has been parsed before, so it is well formed:
// this only walks it. Source: TOML 1.0.0.

export interface TextPlace {
  /** 1-based; columns count characters. */
  readonly line: number;
  readonly column: number;
}

/** The place of the value at `key` (list indexes are parts), or of the header or the nearest table that holds it. */
export function findTomlPlace(text: string, key: readonly string[]): TextPlace | null {
  const offsets = new TomlWalk(text).offsets();
  for (let length = key.length; length > 0; length--) {
    const offset = offsets.get(toPath(key.slice(0, length)));
    if (offset !== undefined) return placeOf(text, offset);
  }
  return null;
}

function placeOf(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: Array.from(before.slice(lineStart)).length + 1 };
}

function toPath(parts: readonly string[]): string {
  return JSON.stringify(parts);
}

class TomlWalk {
  readonly #text: string;
  #at = 0;
  /** Path of each list of tables → how many it has so far. */
  readonly #tableLists = new Map<string, number>();
  readonly #offsets = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Path (as `toPath`) → offset of the value, or of the header that opens the table. */
  offsets(): ReadonlyMap<string, number> {
    let table: string[] = [];
    for (this.#skipBlank(); this.#at < this.#text.length; this.#skipBlank()) {
      const start = this.#at;
      if (this.#text.startsWith("[[", start)) {
        this.#at += 2;
        const list = this.#inLists(this.#readKey(), false);
        const index = this.#tableLists.get(toPath(list)) ?? 0;
        this.#tableLists.set(toPath(list), index + 1);
        table = [...list, String(index)];
        this.#note(list, start);
        this.#note(table, start);
        this.#at += 2;
      } else if (this.#peek() === "[") {
        this.#at++;
        table = this.#inLists(this.#readKey(), true);
        this.#note(table, start);
        this.#at++;
      } else {
        this.#readPair(table);
      }
      // Well-formed text always moves on; text that is not must not hang.
      if (this.#at === start) break;
    }
    return this.#offsets;
  }

  #peek(): string {
    return this.#text[this.#at] ?? "";
  }

  #note(path: readonly string[], offset: number): void {
    const key = toPath(path);
    if (!this.#offsets.has(key)) this.#offsets.set(key, offset);
  }

  /** A header's path with the last index of each list of tables that it goes through. */
  #inLists(parts: readonly string[], whole: boolean): string[] {
    const path: string[] = [];
    for (const [position, part] of parts.entries()) {
      path.push(part);
      const count = this.#tableLists.get(toPath(path));
      if (count !== undefined && (whole || position < parts.length - 1)) path.push(String(count - 1));
    }
    return path;
  }

  #readPair(table: readonly string[]): void {
    const start = this.#at;
    const parts = this.#readKey();
    for (let length = 1; length < parts.length; length++) this.#note([...table, ...parts.slice(0, length)], start);
    this.#at++;
    this.#skipSpace();
    this.#readValue([...table, ...parts]);
  }

  /** A dotted key; stops at what follows it. */
  #readKey(): string[] {
    const parts: string[] = [];
    for (;;) {
      this.#skipSpace();
      const quote = this.#peek();
      if (quote === '"' || quote === "'") {
        parts.push(unquote(this.#readString()));
      } else {
        const bare = /[A-Za-z0-9_-]*/y;
        bare.lastIndex = this.#at;
        const [name = ""] = bare.exec(this.#text) ?? [];
        this.#at += name.length;
        parts.push(name);
      }
      this.#skipSpace();
      if (this.#peek() !== ".") return parts;
      this.#at++;
    }
  }

  #readValue(path: readonly string[]): void {
    this.#note(path, this.#at);
    switch (this.#peek()) {
      case '"':
      case "'":
        this.#readString();
        return;
      case "[":
        this.#readMany("]", (index) => this.#readValue([...path, String(index)]));
        return;
      case "{":
        this.#readMany("}", () => this.#readPair(path));
        return;
      default:
        while (this.#at < this.#text.length && !/[,\]}\n#]/.test(this.#peek())) this.#at++;
    }
  }

  #readMany(close: string, readOne: (index: number) => void): void {
    this.#at++;
    for (let index = 0;; index++) {
      this.#skipBlank();
      if (this.#peek() === close || this.#at >= this.#text.length) break;
      const start = this.#at;
      readOne(index);
      this.#skipBlank();
      if (this.#peek() === ",") this.#at++;
      if (this.#at === start) break;
    }
    this.#at++;
  }

  /** The string at this place, quotes included. */
  #readString(): string {
    const start = this.#at;
    const quote = this.#peek();
    const long = this.#text.startsWith(quote.repeat(3), start);
    const end = long ? quote.repeat(3) : quote;
    this.#at += end.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(end, this.#at)) {
      this.#at += quote === '"' && this.#peek() === "\\" ? 2 : 1;
    }
    this.#at += end.length;
    // A long string may end in up to two quotes of its own.
    while (long && this.#peek() === quote) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #skipSpace(): void {
    while (this.#peek() === " " || this.#peek() === "\t") this.#at++;
  }

  /** Spaces, line ends and comments. */
  #skipBlank(): void {
    for (;;) {
      while (this.#at < this.#text.length && /[\s\uFEFF]/.test(this.#peek())) this.#at++;
      if (this.#peek() !== "#") return;
      while (this.#at < this.#text.length && this.#peek() !== "\n") this.#at++;
    }
  }
}

function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith("'")) return inner;
  return inner.replace(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g,
    (whole, short?: string, long?: string, simple?: string) => {
      const code = short ?? long;
      if (code !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff));
      return SIMPLE_ESCAPES[simple ?? ""] ?? whole;
    },
  );
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\u001b",
  '"': '"',
  "\\": "\\",
};
