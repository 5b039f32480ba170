// What a server says on standard error, in order and without ever waiting for whoever reads it: a reader that has
// stopped holds up no client. What it misses is counted, and told when it reads again. Whole texts are written at once,
// so that lines of other programs on the same stream never stand inside of ours.

export interface StderrLines {
  /** One text, ending in a line break. */
  print(text: string): void;
  /** Settles when everything is written, or after `boundMs`. */
  flush(boundMs: number): Promise<void>;
}

export interface StderrLinesOptions {
  /** Settles when the system has taken all; may take forever. */
  write(bytes: Uint8Array): Promise<void>;
  /** The line, with its break, that says how many texts were dropped. */
  droppedText(count: number): string;
  /** UTF-16 units that may wait. */
  readonly maxWaiting?: number;
}

const MAX_WAITING = 8 * 1024 * 1024;
/** Bytes up to which a pipe takes a write as a whole (PIPE_BUF of Linux). */
const MAX_WRITE = 4_096;

export function makeStderrLines({ write, droppedText, maxWaiting = MAX_WAITING }: StderrLinesOptions): StderrLines {
  const encoder = new TextEncoder();
  let waiting: string[] = [];
  let waitingUnits = 0;
  let dropped = 0;
  let writing: Promise<void> | null = null;

  /** As many whole texts as one write takes, at least one. */
  async function writeTexts(texts: readonly string[]): Promise<void> {
    let batch = "";
    for (const text of texts) {
      // A unit has up to three bytes.
      if (batch !== "" && (batch.length + text.length) * 3 > MAX_WRITE) {
        await writeOne(batch);
        batch = "";
      }
      batch += text;
    }
    if (batch !== "") await writeOne(batch);
  }

  async function writeOne(text: string): Promise<void> {
    try {
      await write(encoder.encode(text));
    } catch {
      // Gone, or its disk is full: there is nowhere left to say so, and the next line may fit again.
    }
    waitingUnits -= text.length;
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const texts = waiting;
      waiting = [];
      if (dropped > 0) {
        const note = droppedText(dropped);
        dropped = 0;
        waitingUnits += note.length;
        texts.push(note);
      }
      await writeTexts(texts);
    }
    writing = null;
  }

  return {
    print(text): void {
      if (waitingUnits > 0 && waitingUnits + text.length > maxWaiting) return void dropped++;
      waitingUnits += text.length;
      waiting.push(text);
      writing ??= writeAll();
    },
    async flush(boundMs): Promise<void> {
      if (writing === null) return;
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, boundMs);
      await Promise.race([writing, late.promise]);
      clearTimeout(timer);
    },
  };
}
