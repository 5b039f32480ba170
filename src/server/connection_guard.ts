// What stands between an accepted socket and the server: it bounds what a client can make this process hold, answers
// violations of the WebSocket protocol with the close frame that the runtime leaves out, and makes sure that a
// connection which is over is really cut. One for all listeners of a process.
import type { Log } from "../base/log.ts";
import { socketKey, type SocketTable, type TcpAddress } from "../host/socket_table.ts";
import { QUEUE_FULL } from "../rpc/incoming_queue.ts";
import type { CloseReason, MessageStream } from "../rpc/message_stream.ts";
import { createSocketStream } from "../rpc/socket_stream.ts";
import { createHandshakeGuard, type HandshakeBounds } from "./handshake_guard.ts";
import { createMemoryGuard, type GuardLimits } from "./memory_guard.ts";
import type { Metrics } from "./metrics.ts";
import { CLOSE_SLOW_READER } from "./outbound.ts";
import { closeForError, closeFrame } from "./protocol_errors.ts";

export interface ConnectionGuardOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  /** Opened when it is first needed, so that a start does not wait for it. */
  openTable(): SocketTable | null;
  residentBytes(): number;
  /** Gives freed memory back to the system. */
  trimMemory(): void;
  /** Unix milliseconds. */
  nowMs(): number;
  readonly limits?: GuardLimits;
  readonly handshakeBounds?: HandshakeBounds;
  readonly sweepEveryMs?: number;
}

export interface GuardedListener {
  /** The stream of an accepted socket, before anything was received on it. */
  adopt(socket: WebSocket, peer: TcpAddress | null): MessageStream;
  /** A request was answered without an upgrade. */
  answered(peer: TcpAddress | null): void;
  /** The port is listened on by another socket than before. */
  replaced(): void;
  stop(): void;
}

export interface ListeningAt {
  /** Null on a socket file, where connections cannot be told apart. */
  readonly port: number | null;
  /** TLS: nothing can be written past it. */
  readonly secure: boolean;
}

export interface ConnectionGuard {
  listening(at: ListeningAt): GuardedListener;
  close(): void;
}

/** Of a message that has arrived whole, in UTF-8. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** How often the memory is looked at while clients are connected: waking up is what costs, so calm is left alone. */
const LOOK_EVERY_MS = 50;
const LOOK_OFTEN_MS = 25;
/** The share of the time that looking may take while the memory grows. */
const MAX_LOOK_SHARE = 0.4;
const SWEEP_EVERY_MS = 2_500;
/** The share that sweeping may take: with thousands of connections it is done less often. */
const MAX_SWEEP_SHARE = 0.002;
/**
 * Without a bound, one turn of the event loop reads some 100 MB from a client that sends at full speed, and all others
 * wait. With this one it is a few MB, at nearly the same speed.
 */
const RECEIVE_BUFFER_BYTES = 128 * 1024;
/** After the first client's first answer. */
const PREPARE_SOON_MS = 10;
/** After the start has been reported. */
const PREPARE_LATER_MS = 100;
/** How long a closed connection may take to disappear by itself. */
const LINGER_MS = 1_000;
/** The same for a slow reader: what it has not read stands before the close frame. */
const SLOW_READER_LINGER_MS = 20_000;
/** So many closed connections leave memory worth giving back, a moment later. */
const MANY_GONE = 200;
const TRIM_AFTER_MS = 2_000;
/** And once more: the runtime's timer for silent clients holds a closed one for half of its time, 14 s. */
const TRIM_AGAIN_AFTER_MS = 15_000;
/** Until a close frame is on its way. */
const ON_ITS_WAY_MS = 50;

export function createConnectionGuard(options: ConnectionGuardOptions): ConnectionGuard {
  const { log, metrics, nowMs, sweepEveryMs = SWEEP_EVERY_MS } = options;
  let opened: SocketTable | null | undefined;
  const table = (): SocketTable | null => opened === undefined ? opened = options.openTable() : opened;
  const memory = createMemoryGuard({
    residentBytes: options.residentBytes,
    nowMs,
    refresh: () => table()?.refresh(),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  /** Peers of open WebSockets. */
  const upgraded = new Set<string>();
  /** Peers of closed ones that may still be connected. */
  const leaving = new Set<string>();
  /** Peers of closed ones that may still read why. */
  const reading = new Map<string, Timer>();
  const timers = {
    look: undefined as Timer,
    leave: undefined as Timer,
    trim: undefined as Timer,
    trimAgain: undefined as Timer,
  };
  /** Connections that have closed since memory was given back. */
  let gone = 0;

  function lookLater(delayMs: number): void {
    if (memory.size === 0) return;
    timers.look ??= setTimeout(() => {
      timers.look = undefined;
      const startMs = performance.now();
      const everyMs = memory.look() ? LOOK_OFTEN_MS : LOOK_EVERY_MS;
      lookLater(Math.max(everyMs, (performance.now() - startMs) / MAX_LOOK_SHARE));
    }, delayMs);
  }

  function trim(): void {
    timers.trim = undefined;
    gone = 0;
    options.trimMemory();
    timers.trimAgain ??= setTimeout(() => {
      timers.trimAgain = undefined;
      options.trimMemory();
    }, TRIM_AGAIN_AFTER_MS);
  }

  function left(key: string): void {
    reading.delete(key);
    upgraded.delete(key);
    leaving.add(key);
    if (++gone >= MANY_GONE) timers.trim ??= setTimeout(trim, TRIM_AFTER_MS);
    timers.leave ??= setTimeout(() => {
      timers.leave = undefined;
      table()?.refresh();
      for (const one of leaving) if (table()?.bytesReceived(one) != null) table()?.reset(one);
      leaving.clear();
    }, LINGER_MS);
  }

  function adopt(socket: WebSocket, key: string | null, secure: boolean): MessageStream {
    const stream = createSocketStream(socket, MAX_MESSAGE_BYTES);

    function end(reason: CloseReason): void {
      log.warn("Closed a connection", { peer: key, code: reason.code, reason: reason.reason });
      const writesNow = key !== null && !secure && socket.bufferedAmount === 0;
      if (writesNow) {
        table()?.write(key, closeFrame(reason));
        // At once: a sender that is blocked hears of nothing less.
        table()?.reset(key);
      }
      void stream.close(reason);
      if (key !== null && !writesNow) setTimeout(() => table()?.reset(key), ON_ITS_WAY_MS);
    }

    const watched = memory.watch({
      received(): number | null {
        const sockets = key === null ? null : table();
        // One that the kernel does not know any more holds nothing back.
        return key === null || sockets === null ? null : sockets.bytesReceived(key) ?? 0;
      },
      end,
    });
    if (key !== null) {
      upgraded.add(key);
      leaving.delete(key);
      clearTimeout(reading.get(key));
      reading.delete(key);
    }
    socket.addEventListener("message", watched.delivered);
    socket.addEventListener("error", (event) => {
      const reason = event instanceof ErrorEvent ? closeForError(event.message) : null;
      if (reason === null) return;
      log.info("A client broke the WebSocket protocol", { peer: key, code: reason.code, reason: reason.reason });
      // The runtime has stopped reading and is about to close the descriptor.
      if (key !== null && !secure) table()?.write(key, closeFrame(reason));
    });
    void stream.closed.then(({ code, reason }) => {
      watched.stop();
      if (key === null) return;
      // Who sends too much is closed with the same code, and cut at once.
      const reads = code === CLOSE_SLOW_READER && reason !== QUEUE_FULL.reason;
      if (reads) reading.set(key, setTimeout(() => left(key), SLOW_READER_LINGER_MS));
      else left(key);
    });
    lookLater(LOOK_EVERY_MS);
    return stream;
  }

  function listening({ port, secure }: ListeningAt): GuardedListener {
    const handshakes = createHandshakeGuard({
      nowMs,
      ...(options.handshakeBounds === undefined ? {} : { bounds: options.handshakeBounds }),
      end(key): void {
        metrics.handshake("timeout");
        log.debug("Cut a connection that made no request", { peer: key });
        table()?.reset(key);
      },
    });
    const timers = { prepare: undefined as Timer, sweep: undefined as Timer };
    let isPrepared = port === null;

    function prepare(): void {
      isPrepared = true;
      if (port !== null) table()?.boundReceiveBuffers(port, RECEIVE_BUFFER_BYTES);
    }

    function prepareIn(delayMs: number): void {
      if (isPrepared) return;
      clearTimeout(timers.prepare);
      timers.prepare = setTimeout(prepare, delayMs);
    }

    function sweepLater(delayMs: number): void {
      if (port === null) return;
      timers.sweep = setTimeout(() => {
        const startMs = performance.now();
        handshakes.sweep(table()?.accepted(port) ?? [], (key) => upgraded.has(key) || leaving.has(key));
        sweepLater(Math.max(sweepEveryMs, (performance.now() - startMs) / MAX_SWEEP_SHARE));
      }, delayMs);
    }

    prepareIn(PREPARE_LATER_MS);
    sweepLater(sweepEveryMs);
    return {
      adopt(socket, peer): MessageStream {
        // Many may come at once: the first of them says when.
        if (upgraded.size === 0) prepareIn(PREPARE_SOON_MS);
        return adopt(socket, peer === null ? null : socketKey(peer), secure);
      },
      answered: (peer) => peer === null ? undefined : handshakes.answered(socketKey(peer)),
      replaced: prepare,
      stop(): void {
        clearTimeout(timers.prepare);
        clearTimeout(timers.sweep);
      },
    };
  }

  return {
    listening,
    close(): void {
      for (const timer of [...Object.values(timers), ...reading.values()]) clearTimeout(timer);
    },
  };
}

type Timer = ReturnType<typeof setTimeout> | undefined;
