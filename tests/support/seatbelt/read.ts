// Reads the S-expressions that a Seatbelt profile is written in. Strict: what is not closed, or is no token, is an error
// with its line.

export type Expression =
  | { readonly kind: "symbol"; readonly name: string; readonly line: number }
  | { readonly kind: "string"; readonly value: string; readonly line: number }
  | { readonly kind: "number"; readonly value: number; readonly line: number }
  | { readonly kind: "list"; readonly items: readonly Expression[]; readonly line: number };

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" };
const SYMBOL = /^[A-Za-z0-9*?!<>=/+_.:%&^~-]+/;

/** @throws SyntaxError */
export function readExpressions(text: string): readonly Expression[] {
  const reader = new Reader(text);
  const found: Expression[] = [];
  while (!reader.atEnd()) found.push(reader.expression());
  return found;
}

class Reader {
  #at = 0;
  #line = 1;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    for (;;) {
      const space = /^\s+/.exec(this.#rest())?.[0] ?? /^;[^\n]*/.exec(this.#rest())?.[0];
      if (space === undefined) return this.#at >= this.#text.length;
      this.#take(space);
    }
  }

  expression(): Expression {
    if (this.atEnd()) throw this.#error("the text ends too early");
    const line = this.#line;
    const rest = this.#rest();
    if (rest.startsWith("(")) return this.#list(line);
    if (rest.startsWith(")")) throw this.#error("a list is closed that was not opened");
    if (rest.startsWith("'")) {
      this.#take("'");
      return { kind: "list", items: [{ kind: "symbol", name: "quote", line }, this.expression()], line };
    }
    if (rest.startsWith('#"')) return this.#raw(line);
    if (rest.startsWith('"')) return this.#string(line);
    const hex = /^#x([0-9a-fA-F]+)(?=[\s()])/.exec(rest);
    if (hex !== null) return this.#token(hex[0], { kind: "number", value: parseInt(hex[1]!, 16), line });
    const symbol = SYMBOL.exec(rest)?.[0];
    if (symbol === undefined) throw this.#error(`no token starts with ${JSON.stringify(rest[0])}`);
    const isNumber = /^-?\d+$/.test(symbol);
    return this.#token(
      symbol,
      isNumber ? { kind: "number", value: Number(symbol), line } : { kind: "symbol", name: symbol, line },
    );
  }

  #list(line: number): Expression {
    this.#take("(");
    const items: Expression[] = [];
    for (;;) {
      if (this.atEnd()) throw new SyntaxError(`line ${line}: a list is not closed`);
      if (this.#rest().startsWith(")")) break;
      items.push(this.expression());
    }
    this.#take(")");
    return { kind: "list", items, line };
  }

  /** A regular expression: only `\"` is more than itself. */
  #raw(line: number): Expression {
    const text = /^#"((?:[^"\\]|\\[^])*)"/.exec(this.#rest());
    if (text === null) throw this.#error("a string is not closed");
    return this.#token(text[0], { kind: "string", value: text[1]!, line });
  }

  #string(line: number): Expression {
    const text = /^"((?:[^"\\]|\\[^])*)"/.exec(this.#rest());
    if (text === null) throw this.#error("a string is not closed");
    const value = text[1]!.replace(/\\([^])/g, (_whole, char: string) => {
      const meaning = ESCAPES[char];
      if (meaning === undefined) throw this.#error(`unknown escape \\${char}`);
      return meaning;
    });
    return this.#token(text[0], { kind: "string", value, line });
  }

  #token(text: string, expression: Expression): Expression {
    this.#take(text);
    return expression;
  }

  #take(text: string): void {
    this.#at += text.length;
    this.#line += text.split("\n").length - 1;
  }

  #rest(): string {
    return this.#text.slice(this.#at);
  }

  #error(problem: string): SyntaxError {
    return new SyntaxError(`line ${this.#line}: ${problem}`);
  }
}
