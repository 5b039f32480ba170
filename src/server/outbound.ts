// What leaves for one client. A reader that keeps up gets every message as it was made. While it is slow, messages wait
// here: adjacent deltas of one item become one, everything else is kept as it is and in order. When more than the limit
// waits, the connection is closed with 1013 and the client resumes its threads without a gap. Whoever makes many messages
// asks for the pace first, so that this befalls none that sets it.
import { utf8Bytes } from "../base/utf8_bytes.ts";
import type { ServerNotification } from "../protocol/server_notifications.ts";
import type { MessageStream } from "../rpc/message_stream.ts";

export interface OutboundLimits {
  /** Bytes with the operating system above which messages wait here. */
  readonly highWaterBytes: number;
  /** Waiting bytes, with what keeping them costs, above which the connection is closed. */
  readonly maxWaitingBytes: number;
  /** Waiting bytes above which whoever makes messages may wait for a reader that takes some. */
  readonly paceBytes: number;
  /** A reader that takes nothing for so long is not waited for. */
  readonly paceStallMs: number;
  /** A merged delta is not grown beyond this. */
  readonly maxMergedBytes: number;
  /** How often a slow reader is looked at. */
  readonly pollMs: number;
}

export const OUTBOUND_LIMITS: OutboundLimits = {
  highWaterBytes: 1024 * 1024,
  maxWaitingBytes: 8 * 1024 * 1024,
  paceBytes: 1024 * 1024,
  paceStallMs: 250,
  maxMergedBytes: 1024 * 1024,
  pollMs: 4,
};

/** What a message that waits costs beside its text. */
const ENTRY_BYTES = 256;
/** Pieces of a joined delta that are kept one by one: as many small strings they would cost more than their text. */
const MAX_LOOSE_PIECES = 256;
/** Units of so many pieces together above which they are not small: joining them would only make garbage. */
const MAX_SMALL_UNITS = 16 * 1024;
/** Sent messages at the front of the queue that are forgotten together. */
const MAX_SENT = 1024;

/** WebSocket: "try again later". */
export const CLOSE_SLOW_READER = 1013;

/** A notification, serialized once for all of its receivers. */
export interface SerializedEvent {
  readonly event: ServerNotification;
  readonly text: string;
}

interface Waiting {
  text: string;
  /** Deltas that follow each other with the same key are one text. Null: not a delta. */
  readonly key: string | null;
  readonly event: ServerNotification | null;
  /** Of a delta: its pieces, and the larger ones that were made of earlier pieces. */
  pieces: string[];
  joined: string[];
  bytes: number;
}

export interface Outbound {
  send(text: string): void;
  sendEvent(event: SerializedEvent): void;
  /** Sends what waits, whatever the reader does. Before a close. */
  flush(): void;
  /** Drops what waits and sends nothing more. */
  stop(): void;
  /** `stalled`: it takes nothing, and nobody waits for it. A promise: it is behind; settles when that changes. */
  pace(): "ahead" | "stalled" | Promise<void>;
  /** UTF-8 bytes of the texts that wait. */
  readonly waitingBytes: number;
}

export interface OutboundOptions {
  /** More waits than may; nothing is sent any more. */
  onOverflow(reason: string): void;
  /** A delta was joined with the one before it. */
  onMerged?(): void;
  readonly limits?: OutboundLimits;
}

export function createOutbound(stream: MessageStream, options: OutboundOptions): Outbound {
  const { limits = OUTBOUND_LIMITS } = options;
  let waiting: Waiting[] = [];
  let head = 0;
  let waitingBytes = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let stopped = false;
  let lastBuffered = 0;
  let lastTakenMs = performance.now();
  const paced: (() => void)[] = [];

  function isBehind(): boolean {
    return waitingBytes > limits.paceBytes && performance.now() - lastTakenMs < limits.paceStallMs;
  }

  function letGo(): void {
    if (paced.length > 0 && !isBehind()) { for (const resolve of paced.splice(0)) resolve(); }
  }

  function mayPass(): boolean {
    return head === waiting.length && stream.bufferedBytes <= limits.highWaterBytes;
  }

  /** Sees whether the reader takes anything. */
  function observe(): void {
    const { bufferedBytes } = stream;
    if (bufferedBytes < lastBuffered || bufferedBytes <= limits.highWaterBytes) lastTakenMs = performance.now();
    lastBuffered = bufferedBytes;
  }

  function wait(entry: Waiting): void {
    if (head === waiting.length) lastTakenMs = performance.now();
    const held = waitingBytes + (waiting.length - head) * ENTRY_BYTES;
    // What counts is what waited before: one message may be of any size, and a large one is no sign of a slow reader.
    if (held > limits.maxWaitingBytes) {
      stop();
      return options.onOverflow(`reader too slow: more than ${limits.maxWaitingBytes} bytes wait`);
    }
    waitingBytes += entry.bytes;
    waiting.push(entry);
    timer ??= setTimeout(poll, limits.pollMs);
  }

  function merge(key: string, delta: string): boolean {
    const last = head < waiting.length ? waiting[waiting.length - 1] : undefined;
    if (!last || last.key !== key) return false;
    const bytes = utf8Bytes(delta);
    if (last.bytes + bytes > limits.maxMergedBytes) return false;
    if (last.pieces.push(delta) > MAX_LOOSE_PIECES) settle(last);
    last.bytes += bytes;
    waitingBytes += bytes;
    options.onMerged?.();
    return true;
  }

  function poll(): void {
    timer = null;
    observe();
    while (head < waiting.length && stream.bufferedBytes <= limits.highWaterBytes) sendNext();
    if (head < waiting.length) timer = setTimeout(poll, limits.pollMs);
    letGo();
  }

  function sendNext(): void {
    const entry = waiting[head++];
    if (head === waiting.length || head >= MAX_SENT) {
      waiting.splice(0, head);
      head = 0;
    }
    if (!entry) return;
    waitingBytes -= entry.bytes;
    stream.send(textOf(entry));
    lastBuffered = stream.bufferedBytes;
  }

  function stop(): void {
    stopped = true;
    waiting = [];
    head = 0;
    waitingBytes = 0;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    letGo();
  }

  return {
    send(text: string): void {
      if (stopped) return;
      if (mayPass()) return stream.send(text);
      wait({ text, key: null, event: null, pieces: [], joined: [], bytes: utf8Bytes(text) });
    },
    sendEvent({ event, text }: SerializedEvent): void {
      if (stopped) return;
      if (mayPass()) return stream.send(text);
      const delta = deltaOf(event);
      if (delta !== null && merge(delta.key, delta.text)) return;
      wait({
        text,
        key: delta?.key ?? null,
        event,
        pieces: delta === null ? [] : [delta.text],
        joined: [],
        bytes: utf8Bytes(text),
      });
    },
    flush(): void {
      while (head < waiting.length) sendNext();
    },
    stop,
    pace(): "ahead" | "stalled" | Promise<void> {
      if (isBehind()) return new Promise((resolve) => paced.push(resolve));
      return stopped || waitingBytes > limits.paceBytes ? "stalled" : "ahead";
    },
    get waitingBytes(): number {
      return waitingBytes;
    },
  };
}

function textOf({ text, event, pieces, joined }: Waiting): string {
  if (event === null || pieces.length + joined.length < 2) return text;
  const { method, params } = event;
  return JSON.stringify({ method, params: { ...params, delta: joined.join("") + pieces.join("") } });
}

function settle({ pieces, joined }: Waiting): void {
  const units = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (units > MAX_SMALL_UNITS) joined.push(...pieces.splice(0));
  else joined.push(pieces.splice(0).join(""));
}

/** What may be joined with its like: pieces of one text of one item. */
function deltaOf(event: ServerNotification): { readonly key: string; readonly text: string } | null {
  switch (event.method) {
    case "item/agentMessage/delta":
    case "item/commandExecution/outputDelta":
    case "item/fileChange/outputDelta":
      return { key: `${event.method} ${event.params.turnId} ${event.params.itemId}`, text: event.params.delta };
    case "item/reasoning/summaryTextDelta": {
      const { turnId, itemId, summaryIndex, delta } = event.params;
      return { key: `${event.method} ${turnId} ${itemId} ${summaryIndex}`, text: delta };
    }
    case "item/reasoning/textDelta": {
      const { turnId, itemId, contentIndex, delta } = event.params;
      return { key: `${event.method} ${turnId} ${itemId} ${contentIndex}`, text: delta };
    }
    default:
      return null;
  }
}
