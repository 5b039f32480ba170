// The text of a `.rules` file: calls of `prefix_rule(…)` with literal arguments, a small part of Starlark. Anything
// that would have to be evaluated is refused with its line. Knows the syntax only; `rules.ts` knows what rules mean.
import { CodexError } from "../base/errors.ts";

export type RuleDecision = "allow" | "prompt" | "forbidden";

export interface PrefixRule {
  /** One entry for each word: the alternatives it may be. */
  readonly pattern: readonly (readonly string[])[];
  readonly decision: RuleDecision;
  readonly justification: string | null;
}

type Literal = string | number | boolean | null | readonly Literal[];

const DECISIONS: readonly string[] = ["allow", "prompt", "forbidden"];
/** Calls that mean something to other versions; their arguments are read and left alone. */
const OTHER_CALLS = ["network_rule", "host_executable"];
const PARAMETERS = ["pattern", "decision", "match", "not_match", "justification"];

/** @throws CodexError CONFIG_INVALID with path and line. */
export function parseRulesFile(text: string, path: string): readonly PrefixRule[] {
  const reader = new Reader(text, path);
  const rules: PrefixRule[] = [];
  for (let name = reader.nextCall(); name !== null; name = reader.nextCall()) {
    const args = reader.readArguments();
    if (name === "prefix_rule") rules.push(toRule(args, reader));
    else if (!OTHER_CALLS.includes(name)) throw reader.error(`unknown function "${name}"`);
  }
  return rules;
}

/** One rule as the line that `appendAllowRule` writes. */
export function formatAllowRule(prefix: readonly string[]): string {
  const pattern = prefix.map((word) => JSON.stringify(word)).join(", ");
  return `prefix_rule(pattern=[${pattern}], decision="allow")`;
}

/** The words that `rule` matches at the start of a command, or null. */
export function matchedPrefix(rule: PrefixRule, words: readonly string[]): readonly string[] | null {
  const matches = rule.pattern.every((alternatives, index) => alternatives.includes(words[index] ?? ""));
  return matches && words.length >= rule.pattern.length ? words.slice(0, rule.pattern.length) : null;
}

function toRule(args: ReadonlyMap<string, Literal>, reader: Reader): PrefixRule {
  for (const name of args.keys()) {
    if (!PARAMETERS.includes(name)) throw reader.error(`prefix_rule has no parameter "${name}"`);
  }
  const pattern = args.get("pattern");
  if (!Array.isArray(pattern) || pattern.length === 0) throw reader.error("pattern must be a list that is not empty");
  const decision = args.get("decision") ?? "allow";
  if (!isDecision(decision)) {
    throw reader.error(`decision must be allow, prompt or forbidden: ${JSON.stringify(decision)}`);
  }
  const justification = args.get("justification") ?? null;
  if (justification !== null && typeof justification !== "string") throw reader.error("justification must be a string");
  const rule = { pattern: pattern.map((element) => toAlternatives(element, reader)), decision, justification };
  for (const example of examples(args.get("match"), reader)) {
    if (matchedPrefix(rule, example) === null) {
      throw reader.error(`the rule does not match its example ${example.join(" ")}`);
    }
  }
  for (const example of examples(args.get("not_match"), reader)) {
    if (matchedPrefix(rule, example) !== null) {
      throw reader.error(`the rule matches its counter-example ${example.join(" ")}`);
    }
  }
  return rule;
}

function isDecision(value: Literal): value is RuleDecision {
  return typeof value === "string" && DECISIONS.includes(value);
}

function isStringList(value: Literal | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

function toAlternatives(element: Literal, reader: Reader): readonly string[] {
  if (typeof element === "string") return [element];
  if (isStringList(element) && element.length > 0) return element;
  throw reader.error("a pattern element must be a string or a list of strings that is not empty");
}

/** An example is a list of words, or one line that blanks separate. */
function examples(value: Literal | undefined, reader: Reader): readonly (readonly string[])[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw reader.error("examples must be a list");
  return value.map((example: Literal) => {
    if (typeof example === "string") return example.split(/\s+/).filter((word) => word !== "");
    if (isStringList(example)) return example;
    throw reader.error("an example must be a string or a list of strings");
  });
}

const TOKEN =
  /[ \t\r\n]+|#[^\n]*|(?<string>r?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))|(?<name>[A-Za-z_]\w*)|(?<number>-?\d+)|(?<mark>[()[\],=;])/y;
const CONSTANTS: ReadonlyMap<string, Literal> = new Map([["True", true], ["False", false], ["None", null]]);
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\n": "" };

interface Token {
  readonly kind: "name" | "number" | "string" | "mark";
  readonly text: string;
  readonly start: number;
}

class Reader {
  readonly #text: string;
  readonly #path: string;
  readonly #tokens: readonly Token[];
  #position = 0;
  #callStart = 0;

  constructor(text: string, path: string) {
    this.#text = text;
    this.#path = path;
    this.#tokens = this.#split();
  }

  /** The name of the next call at top level, or null at the end. */
  nextCall(): string | null {
    while (this.#peek()?.text === ";") this.#position++;
    const token = this.#peek();
    if (token === undefined) return null;
    this.#callStart = token.start;
    if (token.kind !== "name") throw this.error(`a function call is expected, not ${token.text}`);
    this.#position++;
    return token.text;
  }

  /** `(name=literal, …)`; the first two may come without their names. */
  readArguments(): ReadonlyMap<string, Literal> {
    this.#expect("(");
    const args = new Map<string, Literal>();
    while (!this.#accept(")")) {
      const named = this.#peek()?.kind === "name" && this.#tokens[this.#position + 1]?.text === "=";
      const name = named ? this.#take().text : PARAMETERS[args.size] ?? "";
      if (named) this.#expect("=");
      if (args.has(name)) throw this.error(`"${name}" is given twice`);
      args.set(name, this.#readLiteral());
      if (!this.#accept(",") && this.#peek()?.text !== ")") throw this.#unexpected();
    }
    return args;
  }

  /** An error at the current call. */
  error(problem: string): CodexError {
    return this.#errorAt(this.#callStart, problem);
  }

  #errorAt(offset: number, problem: string): CodexError {
    const line = this.#text.slice(0, offset).split("\n").length;
    return new CodexError("CONFIG_INVALID", `Cannot read rules: ${this.#path}:${line}: ${problem}`, {
      hint: `Correct line ${line} of ${this.#path}, or move the file away`,
    });
  }

  #readLiteral(): Literal {
    const token = this.#take();
    if (token.kind === "string") return unquote(token.text);
    if (token.kind === "number") return Number(token.text);
    const constant = CONSTANTS.get(token.text);
    if (constant !== undefined) return constant;
    if (token.text !== "[" && token.text !== "(") {
      throw this.#errorAt(token.start, `only literal values are understood, not ${token.text}`);
    }
    const close = token.text === "[" ? "]" : ")";
    const entries: Literal[] = [];
    while (!this.#accept(close)) {
      entries.push(this.#readLiteral());
      if (!this.#accept(",") && this.#peek()?.text !== close) throw this.#unexpected();
    }
    return entries;
  }

  #split(): readonly Token[] {
    const tokens: Token[] = [];
    const pattern = new RegExp(TOKEN);
    while (pattern.lastIndex < this.#text.length) {
      const start = pattern.lastIndex;
      const groups = pattern.exec(this.#text)?.groups;
      if (groups === undefined) throw this.#errorAt(start, `unexpected ${JSON.stringify(this.#text[start])}`);
      for (const kind of ["name", "number", "string", "mark"] as const) {
        const text = groups[kind];
        if (text !== undefined) tokens.push({ kind, text, start });
      }
    }
    return tokens;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#position];
  }

  #take(): Token {
    const token = this.#peek();
    if (token === undefined) throw this.#unexpected();
    this.#position++;
    return token;
  }

  #accept(mark: string): boolean {
    if (this.#peek()?.text !== mark || this.#peek()?.kind !== "mark") return false;
    this.#position++;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#accept(mark)) throw this.#unexpected();
  }

  #unexpected(): CodexError {
    const token = this.#peek();
    if (token === undefined) return this.#errorAt(this.#text.length, "the file ends in the middle of a call");
    return this.#errorAt(token.start, `unexpected ${token.text}`);
  }
}

function unquote(text: string): string {
  if (text.startsWith("r")) return text.slice(2, -1);
  return text.slice(1, -1).replaceAll(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[^])/g, (_, escape: string) => {
    if (escape.length > 1) return String.fromCharCode(parseInt(escape.slice(1), 16));
    return ESCAPES[escape] ?? (/["'\\]/.test(escape) ? escape : `\\${escape}`);
  });
}
