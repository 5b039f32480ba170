// A queue between a callback world (sockets) and `for await`: pushed synchronously, read by one consumer.
// It has no bound of its own: the owner of the source bounds what it pushes.

export interface AsyncQueue<T> extends AsyncIterable<T> {
  push(value: T): void;
  /** Ends the iteration after what is queued. */
  end(): void;
  readonly length: number;
}

export function createAsyncQueue<T>(): AsyncQueue<T> {
  let values: T[] = [];
  let head = 0;
  let ended = false;
  let wake: (() => void) | null = null;

  function signal(): void {
    wake?.();
    wake = null;
  }

  return {
    get length(): number {
      return values.length - head;
    },
    push(value: T): void {
      if (ended) return;
      values.push(value);
      signal();
    },
    end(): void {
      ended = true;
      signal();
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<T> {
      while (true) {
        while (head < values.length) {
          // In range: head < length was just tested, and nothing is removed in between.
          const value = values[head++] as T;
          if (head === values.length) {
            values = [];
            head = 0;
          }
          yield value;
        }
        if (ended) return;
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
}
