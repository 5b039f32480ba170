// Real time.

export const systemClock = {
  /** Unix milliseconds. */
  nowMs(): number {
    return Date.now();
  },

  /** Settles after `ms` milliseconds; rejects with the abort reason when `signal` fires first. */
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  },
} as const;
