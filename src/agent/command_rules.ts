// The standing rules about commands, shared by all threads: read again whenever a thread opens, extended when a
// person makes an answer permanent.
import { messageOf } from "../base/errors.ts";
import { allowRule, appendAllowRule, loadRules } from "../exec/rules.ts";
import type { PrefixRule } from "../exec/rules_file.ts";

export class CommandRules {
  readonly #codexHome: string;
  #rules: readonly PrefixRule[] = [];
  /** Allowed by a person, and not in the file. */
  #unsaved: readonly PrefixRule[] = [];
  /** Reading and writing the files, one after the other. */
  #files: Promise<unknown> = Promise.resolve();

  constructor(codexHome: string) {
    this.#codexHome = codexHome;
  }

  get current(): readonly PrefixRule[] {
    return this.#rules;
  }

  /** @throws CodexError CONFIG_INVALID: a rule that cannot be read might have forbidden something. */
  async reload(): Promise<void> {
    await this.#inOrder(async () => {
      const saved = await loadRules(this.#codexHome);
      this.#rules = [...saved, ...this.#unsaved];
    });
  }

  /**
   * Holds from now on. Null once it is in the file; else why it cannot be: then it holds as long as this process does.
   */
  async allow(prefix: readonly string[]): Promise<string | null> {
    const rule = allowRule(prefix);
    this.#rules = [...this.#rules, rule];
    this.#unsaved = [...this.#unsaved, rule];
    try {
      await this.#inOrder(() => appendAllowRule(this.#codexHome, prefix));
    } catch (error) {
      return messageOf(error);
    }
    this.#unsaved = this.#unsaved.filter((other) => other !== rule);
    return null;
  }

  async #inOrder(work: () => Promise<void>): Promise<void> {
    const done = this.#files.then(work);
    this.#files = done.catch(() => {});
    await done;
  }
}
