// The standing rules about commands, shared by all threads: read again whenever a thread opens, extended when a
// person makes an answer permanent.
import { allowRule, appendAllowRule, loadRules } from "../exec/rules.ts";
import type { PrefixRule } from "../exec/rules_file.ts";

export class CommandRules {
  readonly #codexHome: string;
  #rules: readonly PrefixRule[] = [];

  constructor(codexHome: string) {
    this.#codexHome = codexHome;
  }

  get current(): readonly PrefixRule[] {
    return this.#rules;
  }

  /** @throws CodexError CONFIG_INVALID: a rule that cannot be read might have forbidden something. */
  async reload(): Promise<void> {
    this.#rules = await loadRules(this.#codexHome);
  }

  /** Holds from now on, also when the file cannot be written; then only until the rules are read again. */
  async allow(prefix: readonly string[]): Promise<void> {
    this.#rules = [...this.#rules, allowRule(prefix)];
    await appendAllowRule(this.#codexHome, prefix).catch(() => {});
  }
}
