// How long output was held back, because those who read it could not follow.

export class HeldTime {
  #ms = 0;
  #since: number | null = null;

  /** Milliseconds in all, until now. */
  get ms(): number {
    return this.#ms + (this.#since === null ? 0 : performance.now() - this.#since);
  }

  /** Counts the time that `wait` takes; one at a time. It must not reject. */
  async during(wait: Promise<void>): Promise<void> {
    this.#since = performance.now();
    await wait;
    this.#ms = this.ms;
    this.#since = null;
  }
}
