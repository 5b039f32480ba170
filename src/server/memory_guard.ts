// Bounds what clients can make this process hold: the runtime collects a message that is sent in fragments without any
// limit and tells nothing of it. So the memory is watched while clients are connected; when it has grown, what the
// kernel has received on each connection since its last message is what it is holding back. Over the limit of one
// message, or together over the limit of all, connections are closed with 1009.
//
// What it does not see: how long a single frame is (16 MiB in the reference; the runtime's own bound is 64 MiB), and on
// socket files and systems without a socket table, which connection it is: there, all that delivered nothing while the
// memory grew are closed, and their clients come back without loss.
import type { CloseReason } from "../rpc/message_stream.ts";
import { TOO_BIG } from "./protocol_errors.ts";

export interface GuardLimits {
  /** Of one message, in bytes on the wire. */
  readonly messageBytes: number;
  /** Of all messages together that have not arrived whole. */
  readonly totalBytes: number;
  /** Growth of the process above which connections are looked at. */
  readonly calmBytes: number;
  /** Growth above which connections are closed that cannot be told apart. */
  readonly blindBytes: number;
}

const MIB = 1024 * 1024;

export const GUARD_LIMITS: GuardLimits = {
  // The limit is 64 MiB; frames have headers.
  messageBytes: 65 * MIB,
  totalBytes: 128 * MIB,
  calmBytes: 32 * MIB,
  blindBytes: 160 * MIB,
};

/** A connection as the guard sees it. */
export interface Guarded {
  /** Bytes that the kernel has received in all; null where that cannot be known. */
  received(): number | null;
  end(reason: CloseReason): void;
}

export interface MemoryGuard {
  /** Returns what to call at each message that has arrived, and when the connection has closed. */
  watch(connection: Guarded): { delivered(): void; stop(): void };
  /** Looks at the memory now. True: it has grown, look again soon. */
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
  /** Called before connections are asked what they have received. */
  refresh(): void;
  readonly limits?: GuardLimits;
}

const REASON: CloseReason = { code: TOO_BIG, reason: "message is too big" };

export function createMemoryGuard(options: MemoryGuardOptions): MemoryGuard {
  const { residentBytes, refresh, limits = GUARD_LIMITS } = options;
  const all = new Set<Watched>();
  let calm = Number.POSITIVE_INFINITY;

  function look(): boolean {
    const resident = residentBytes();
    calm = Math.min(calm, resident);
    const growth = resident - calm;
    if (growth < limits.calmBytes) return false;
    refresh();
    const held = [...all].map((watched) => ({ watched, bytes: heldBack(watched) }));
    const known = held.filter(({ bytes }) => bytes !== null).map(({ watched, bytes }) => ({
      watched,
      bytes: bytes ?? 0,
    }));
    let total = known.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { watched, bytes } of known.sort((a, b) => b.bytes - a.bytes)) {
      if (bytes <= limits.messageBytes && total <= limits.totalBytes) break;
      total -= bytes;
      end(watched);
    }
    const silent = held.filter(({ watched, bytes }) => bytes === null && !watched.hasDelivered);
    if (silent.length > 0 && growth >= limits.blindBytes) silent.forEach(({ watched }) => end(watched));
    // What has grown is not what clients hold back: from here on that is how big the process is.
    if (total < limits.calmBytes && (silent.length === 0 || growth >= limits.blindBytes)) {
      calm = resident;
      for (const watched of all) if (watched.connection.received() === null) watched.hasDelivered = false;
    }
    return true;
  }

  function heldBack(watched: Watched): number | null {
    const received = watched.connection.received();
    if (received === null) return null;
    if (watched.hasDelivered) {
      watched.base = received;
      watched.hasDelivered = false;
    }
    return received - watched.base;
  }

  function end(watched: Watched): void {
    all.delete(watched);
    watched.connection.end(REASON);
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
