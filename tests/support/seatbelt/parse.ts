// A Seatbelt profile as rules: read, checked against the known language, `(if (defined? …))` and parameters resolved.
// Refuses what the system would refuse, and what is merely unknown here.
import { FILTERS, IP_ADDRESS, MODIFIERS, OPERATIONS } from "./language.ts";
import { type Expression, readExpressions } from "./read.ts";

export interface ParsedFilter {
  readonly name: string;
  readonly texts: readonly string[];
  readonly filters: readonly ParsedFilter[];
}

export interface ParsedRule {
  readonly action: "allow" | "deny";
  readonly operations: readonly string[];
  /** Any of them; none: always. */
  readonly filters: readonly ParsedFilter[];
  readonly message: string | null;
  readonly line: number;
}

export interface ParseOptions {
  readonly parameters: readonly (readonly [string, string])[];
  /** Operations and filters that this release of macOS does not know. */
  readonly unknown?: readonly string[];
}

/** @throws SyntaxError */
export function parseProfile(text: string, options: ParseOptions): readonly ParsedRule[] {
  const parser = new Parser(options);
  const forms = readExpressions(text);
  const [version] = forms;
  if (version === undefined || JSON.stringify(shape(version)) !== '["version",1]') {
    fail(version, "(version 1) comes first");
  }
  const rules = forms.slice(1).flatMap((form) => parser.form(form));
  const unused = options.parameters.map(([key]) => key).filter((key) => !parser.used.has(key));
  if (unused.length > 0) throw new SyntaxError(`parameters that nothing uses: ${unused.join(", ")}`);
  return rules;
}

class Parser {
  readonly used = new Set<string>();
  readonly #parameters: ReadonlyMap<string, string>;
  readonly #unknown: readonly string[];

  constructor({ parameters, unknown = [] }: ParseOptions) {
    this.#parameters = new Map(parameters);
    if (this.#parameters.size !== parameters.length) throw new SyntaxError("a parameter is given twice");
    this.#unknown = unknown;
  }

  form(form: Expression): readonly ParsedRule[] {
    const [head, ...rest] = itemsOf(form);
    const word = symbolOf(head, form);
    if (word === "allow" || word === "deny") return [this.#rule(word, rest, form)];
    if (word === "if") {
      const [condition, ...bodies] = rest;
      const [test, quoted] = itemsOf(condition ?? form);
      if (symbolOf(test, form) !== "defined?" || bodies.length !== 1) {
        fail(form, "only (if (defined? 'NAME) RULE) is known");
      }
      const name = symbolOf(itemsOf(quoted ?? form)[1], form);
      if (!(name in OPERATIONS) && !(name in FILTERS)) fail(form, `unknown operation or filter ${name}`);
      // Read in any case, so that its parameters count as used.
      const rules = bodies.flatMap((body) => this.#known(() => this.form(body), name));
      return this.#unknown.includes(name) ? [] : rules;
    }
    return fail(form, `unknown form ${word}`);
  }

  #known<T>(work: () => T, name: string): T {
    this.#insideGuard.push(name);
    try {
      return work();
    } finally {
      this.#insideGuard.pop();
    }
  }

  readonly #insideGuard: string[] = [];

  #rule(action: "allow" | "deny", parts: readonly Expression[], form: Expression): ParsedRule {
    const operations = parts.filter((part) => part.kind === "symbol").map((part) => part.name);
    const lists = parts.slice(operations.length);
    if (operations.length === 0 || lists.some((part) => part.kind !== "list")) fail(form, "operations, then filters");
    for (const operation of operations) {
      if (!(operation in OPERATIONS)) fail(form, `unknown operation ${operation}`);
      if (this.#unknown.includes(operation) && !this.#insideGuard.includes(operation)) {
        fail(form, `unbound variable: ${operation}`);
      }
    }
    const isModifier = (part: Expression): boolean => symbolOf(itemsOf(part)[0], part) === "with";
    return {
      action,
      operations,
      filters: lists.filter((part) => !isModifier(part)).map((part) => this.#filter(part)),
      message: lists.filter(isModifier).map((part) => this.#modifier(part, action)).find((text) => text !== null) ??
        null,
      line: form.line,
    };
  }

  #modifier(form: Expression, action: string): string | null {
    const [, name, ...values] = itemsOf(form);
    const word = symbolOf(name, form);
    if (!MODIFIERS.includes(word)) fail(form, `unknown modifier ${word}`);
    if (word !== "message") return values.length === 0 ? null : fail(form, `${word} takes nothing`);
    if (values.length !== 1 || action !== "deny") fail(form, "message takes one text, in a denial");
    return this.#text(values[0]!);
  }

  #filter(form: Expression): ParsedFilter {
    const [head, ...values] = itemsOf(form);
    const name = symbolOf(head, form);
    const known = FILTERS[name];
    if (known === undefined) return fail(form, `unknown filter ${name}`);
    if (this.#unknown.includes(name) && !this.#insideGuard.includes(name)) fail(form, `unbound variable: ${name}`);
    if (values.length < known.least || values.length > known.most) {
      fail(form, `${name} takes ${known.least} to ${known.most}`);
    }
    if (known.takes === "filter") return { name, texts: [], filters: values.map((value) => this.#filter(value)) };
    if (known.takes === "address") return this.#address(name, values, form);
    const texts = values.map((value) => {
      if (known.takes === "text") return this.#text(value);
      if (known.takes === "number") {
        return value.kind === "number" ? String(value.value) : fail(value, `${name} takes a number`);
      }
      const word = symbolOf(value, form);
      return known.words?.includes(word) ? word : fail(value, `unknown ${name} ${word}`);
    });
    if (name.endsWith("regex")) checkRegex(texts[0]!, form);
    if ((name === "literal" || name === "subpath") && !texts[0]!.startsWith("/")) {
      fail(form, "a path starts at the root");
    }
    return { name, texts, filters: [] };
  }

  #address(name: string, [kind, value]: readonly Expression[], form: Expression): ParsedFilter {
    const word = symbolOf(kind, form);
    if (word === "ip") {
      const text = value === undefined ? "*:*" : this.#text(value);
      if (!IP_ADDRESS.test(text)) fail(form, `unknown address ${text}`);
      return { name, texts: [word, text], filters: [] };
    }
    if (word !== "unix-socket") fail(form, `unknown kind of address ${word}`);
    return { name, texts: [word], filters: value === undefined ? [] : [this.#filter(value)] };
  }

  #text(form: Expression): string {
    if (form.kind === "string") return form.value;
    const [head, key, ...rest] = itemsOf(form);
    if (symbolOf(head, form) !== "param" || key?.kind !== "string" || rest.length > 0) {
      fail(form, "a text or (param KEY)");
    }
    const value = this.#parameters.get((key as { value: string }).value);
    if (value === undefined) return fail(form, `undefined parameter ${(key as { value: string }).value}`);
    this.used.add((key as { value: string }).value);
    return value;
  }
}

/** The dialect has neither flags nor counts nor lazy forms, and wants its beginning said. */
function checkRegex(regex: string, form: Expression): void {
  if (!regex.startsWith("^")) fail(form, `a regular expression starts with ^: ${regex}`);
  if (/(^|[^\\])\{|\(\?|[*+?][*+?]/.test(regex.replace(/\\\\/g, ""))) fail(form, `unknown form in ${regex}`);
  new RegExp(regex, "su");
}

function itemsOf(form: Expression): readonly Expression[] {
  return form.kind === "list" ? form.items : fail(form, "expected a list");
}

function symbolOf(form: Expression | undefined, around: Expression): string {
  return form?.kind === "symbol" ? form.name : fail(form ?? around, "expected a word");
}

function shape(form: Expression): unknown {
  if (form.kind === "list") return form.items.map(shape);
  return form.kind === "symbol" ? form.name : form.value;
}

function fail(form: Expression | undefined, problem: string): never {
  throw new SyntaxError(`line ${form?.line ?? 1}: ${problem}`);
}
