// Bounds what clients can make this process hold: the runtime collects a message that is sent in fragments without any
// limit and tells nothing of it. So the memory is watched while clients are connected; when it has grown, what the
// kernel has received on each connection since its last message is what it is holding back. Over the limit of one
// message, or together over the limit of all, connections are closed with 1009.
//
// What it does not see: how long a single frame is (16 MiB in the reference; the runtime's own bound is 64 MiB), and on
// socket files and systems without a socket table, which connection it is: there, all that delivered nothing while the
// memory grew fast are closed, and their clients come back without loss.
import type { CloseReason } from "../rpc/message_stream.ts";
import { MESSAGE_TOO_BIG } from "../rpc/socket_stream.ts";

export interface GuardLimits {
  /** Of one message, in bytes on the wire. */
  readonly messageBytes: number;
  /** Of all messages together that have not arrived whole. */
  readonly totalBytes: number;
  /** What more each connection may have sent by the next look, of those that hold something back. */
  readonly soonBytes: number;
  /** Growth of the process above which several connections together may hold back half as much. */
  readonly highBytes: number;
  /** Growth of the process above which connections are looked at. */
  readonly calmBytes: number;
  /** Growth above which connections are closed that cannot be told apart. */
  readonly blindBytes: number;
  /** Growth a second that is no sign of anything: a server that works gets bigger. */
  readonly blindCalmPerSecond: number;
}

const MIB = 1024 * 1024;

export const GUARD_LIMITS: GuardLimits = {
  // The limit is 64 MiB; frames have headers.
  messageBytes: 65 * MIB,
  totalBytes: 96 * MIB,
  soonBytes: 2 * MIB,
  highBytes: 112 * MIB,
  calmBytes: 32 * MIB,
  blindBytes: 144 * MIB,
  blindCalmPerSecond: 4 * MIB,
};

/** The part of `calmBytes` from which on it is looked more often. */
const GROWS_FROM = 4;
/** Less is what any client has on its way. */
const HOLDS_BACK_BYTES = 256 * 1024;
/** Connections that are visited at each look while nothing grows, so that what was no message is forgotten. */
const VISITS_WHEN_CALM = 4;

/** A connection as the guard sees it. */
export interface Guarded {
  /** Bytes that the kernel has received in all; null where that cannot be known. */
  received(): number | null;
  end(reason: CloseReason): void;
}

export interface MemoryGuard {
  /** Returns what to call at each message that has arrived, and when the connection has closed. */
  watch(connection: Guarded): { delivered(): void; stop(): void };
  /** Looks at the memory now. True: it grows, look again soon. */
  look(): boolean;
  readonly size: number;
}

interface Watched {
  readonly connection: Guarded;
  /** Received when the last message was there. */
  base: number;
  hasDelivered: boolean;
}

export interface MemoryGuardOptions {
  residentBytes(): number;
  /** Milliseconds of any clock. */
  nowMs(): number;
  /** Called before connections are asked what they have received. */
  refresh(): void;
  readonly limits?: GuardLimits;
}

export function createMemoryGuard(options: MemoryGuardOptions): MemoryGuard {
  const { residentBytes, nowMs, refresh, limits = GUARD_LIMITS } = options;
  const all = new Set<Watched>();
  /** What the process needs when clients hold nothing back. */
  let calm = Number.POSITIVE_INFINITY;
  let blindCalm = Number.POSITIVE_INFINITY;
  let lookedAtMs = nowMs();
  let round = all.values();

  function look(): boolean {
    const resident = residentBytes();
    calm = Math.min(calm, resident);
    blindCalm = Math.min(blindCalm + calmSince(), resident);
    const growth = resident - calm;
    if (growth < limits.calmBytes) {
      visitSome(growth);
      return growth >= limits.calmBytes / GROWS_FROM;
    }
    refresh();
    const blind: Watched[] = [];
    const held: { readonly watched: Watched; readonly bytes: number }[] = [];
    for (const watched of all) {
      const bytes = heldBack(watched, growth);
      if (bytes === null) blind.push(watched);
      else held.push({ watched, bytes });
    }
    let total = held.reduce((sum, { bytes }) => sum + bytes, 0);
    const allowed = allowedInAll(held.filter(({ bytes }) => bytes > HOLDS_BACK_BYTES).length, growth);
    for (const { watched, bytes } of held.sort((a, b) => b.bytes - a.bytes)) {
      if (bytes <= limits.messageBytes && total <= allowed) break;
      total -= bytes;
      end(watched);
    }
    endBlind(blind, resident);
    // What has grown is not what clients hold back: from here on that is how big the process is.
    if (total < limits.calmBytes) calm = resident;
    return true;
  }

  /** Many that send at once go on while one turn of the event loop lasts: what they will have sent by then counts, too. */
  function allowedInAll(holders: number, growth: number): number {
    const { totalBytes, soonBytes, highBytes } = limits;
    if (holders < 2) return totalBytes;
    return growth > highBytes ? totalBytes / 2 : Math.max(totalBytes / 2, totalBytes - holders * soonBytes);
  }

  function calmSince(): number {
    const now = nowMs();
    const seconds = (now - lookedAtMs) / 1000;
    lookedAtMs = now;
    return Math.max(0, seconds) * limits.blindCalmPerSecond;
  }

  function endBlind(blind: readonly Watched[], resident: number): void {
    if (resident - blindCalm < limits.blindBytes) return;
    blindCalm = resident;
    for (const watched of blind) {
      if (watched.hasDelivered) watched.hasDelivered = false;
      else end(watched);
    }
  }

  /** More than the process has grown cannot be held back: the rest was no part of a message, but pings for example. */
  function heldBack(watched: Watched, growth: number): number | null {
    const received = watched.connection.received();
    if (received === null) return null;
    watched.base = watched.hasDelivered ? received : Math.max(watched.base, received - growth);
    watched.hasDelivered = false;
    return received - watched.base;
  }

  function visitSome(growth: number): void {
    for (let visits = Math.min(VISITS_WHEN_CALM, all.size); visits > 0; visits--) {
      let next = round.next();
      if (next.done) next = (round = all.values()).next();
      if (!next.done) heldBack(next.value, growth);
    }
  }

  function end(watched: Watched): void {
    all.delete(watched);
    watched.connection.end(MESSAGE_TOO_BIG);
  }

  return {
    watch(connection): { delivered(): void; stop(): void } {
      const watched: Watched = { connection, base: 0, hasDelivered: false };
      all.add(watched);
      return {
        delivered(): void {
          watched.hasDelivered = true;
        },
        stop: () => void all.delete(watched),
      };
    },
    look,
    get size(): number {
      return all.size;
    },
  };
}
