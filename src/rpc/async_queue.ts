// A bounded queue between a callback world (sockets) and `for await`: pushed synchronously, read by one consumer. What
// happens when it is full is the pusher's to say: a pipe stops reading, a socket closes.

export interface QueueBound<T> {
  readonly maxLength: number;
  /** Of all values that wait; one value alone may be larger. */
  readonly maxSize: number;
  readonly sizeOf: (value: T) => number;
}

export interface AsyncQueue<T> extends AsyncIterable<T> {
  /** False: it is full, and the value was not taken. After the end values are dropped. */
  push(value: T): boolean;
  /** Settles when a value was taken out, or at the end. */
  whenTaken(): Promise<void>;
  /** Ends the iteration after what is queued. */
  end(): void;
  /** Of all values that wait. */
  readonly size: number;
}

export function createAsyncQueue<T>(bound: QueueBound<T>): AsyncQueue<T> {
  let values: T[] = [];
  let head = 0;
  let size = 0;
  let ended = false;
  let wakeReader: (() => void) | null = null;
  const wakePushers: (() => void)[] = [];

  function isFull(value: T): boolean {
    const length = values.length - head;
    return length > 0 && (length >= bound.maxLength || size + bound.sizeOf(value) > bound.maxSize);
  }

  function take(): T {
    // In range: the reader has tested it, and nothing is removed in between.
    const value = values[head++] as T;
    size -= bound.sizeOf(value);
    if (head === values.length) {
      values = [];
      head = 0;
    }
    for (const wake of wakePushers.splice(0)) wake();
    return value;
  }

  return {
    get size(): number {
      return size;
    },
    push(value: T): boolean {
      if (ended) return true;
      if (isFull(value)) return false;
      values.push(value);
      size += bound.sizeOf(value);
      wakeReader?.();
      wakeReader = null;
      return true;
    },
    whenTaken: () => ended ? Promise.resolve() : new Promise((resolve) => wakePushers.push(resolve)),
    end(): void {
      ended = true;
      wakeReader?.();
      wakeReader = null;
      for (const wake of wakePushers.splice(0)) wake();
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<T> {
      while (true) {
        while (head < values.length) yield take();
        if (ended) return;
        await new Promise<void>((resolve) => wakeReader = resolve);
      }
    },
  };
}
