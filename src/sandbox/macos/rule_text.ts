// Rules of the Seatbelt language as text. Whatever comes from a plan is a parameter (`-DKEY=VALUE`), never a part of the
// text: no path can close a string or open a rule. Keys are made here, from a fixed word and a number.
import { CodexError } from "../../base/errors.ts";

export type ParameterKind =
  | "READABLE"
  | "WRITABLE"
  | "PROTECTED"
  | "HIDDEN"
  | "PASSAGE"
  | "PINNED"
  | "UNIX_SOCKET";

export interface Rule {
  readonly action: "allow" | "deny";
  readonly operations: readonly string[];
  /** Any of them; none: always. */
  readonly filters: readonly string[];
  /** An operation that some releases of macOS do not know: the rule is left out there. */
  readonly onlyIfKnown?: string;
}

/** The parameters of one profile: equal values of a kind share a key. */
export class Parameters {
  readonly #keys = new Map<string, string>();
  readonly #values: [string, string][] = [];

  /** `(param "KEY")` for a value. @throws CodexError SANDBOX_UNAVAILABLE for a value that no argument can carry. */
  use(kind: ParameterKind, value: string): string {
    if (value.includes("\0") || !value.isWellFormed()) {
      throw new CodexError(
        "SANDBOX_UNAVAILABLE",
        `Cannot sandbox commands: a path is no text: ${JSON.stringify(value)}`,
        {
          hint: "Rename it, or take it out of the sandbox's settings",
        },
      );
    }
    const id = `${kind} ${value}`;
    const known = this.#keys.get(id);
    if (known !== undefined) return `(param "${known}")`;
    const key = `${kind}_${this.#values.filter(([other]) => other.startsWith(`${kind}_`)).length}`;
    this.#keys.set(id, key);
    this.#values.push([key, value]);
    return `(param "${key}")`;
  }

  /** In the order of their first use. */
  get entries(): readonly (readonly [key: string, value: string])[] {
    return this.#values;
  }
}

/** What a denial's log line ends with, so that it can be found again; letters, digits and dashes. */
export const LOG_TAG = /^[A-Za-z0-9-]{1,64}$/;

export function ruleText(rule: Rule, logTag: string | null): string {
  const modifier = rule.action === "deny" && logTag !== null ? [`(with message "${logTag}")`] : [];
  const lines = [...modifier, ...rule.filters];
  const head = `(${rule.action} ${rule.operations.join(" ")}`;
  const text = lines.length < 2 ? [head, ...lines].join(" ") : [head, ...lines.map((line) => `  ${line}`)].join("\n");
  return rule.onlyIfKnown === undefined ? `${text})` : `(if (defined? '${rule.onlyIfKnown})\n${text}))`;
}
