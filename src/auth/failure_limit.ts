// How many handshakes of one address may fail in a minute, and the log of those failures: the first one at once, then
// one line a minute with the count. IPv6 clients are counted by their /64, which is what one person has of it.
import { parseIpAddress } from "../base/ip_address.ts";
import type { Log } from "../base/log.ts";

export interface FailureLimitOptions {
  /** 0: no limit. */
  readonly perMinute: number;
  readonly log: Log;
  /** Unix milliseconds. */
  nowMs(): number;
}

export interface FailureLimit {
  /** Counts one failure. The result is null, or the seconds after which to come back. */
  failed(address: string, reason: string): number | null;
  /** Ends minutes that are over. Call now and then. */
  sweep(): void;
}

interface Minute {
  readonly startMs: number;
  readonly reason: string;
  count: number;
}

const MINUTE_MS = 60_000;
/** Addresses that are remembered; beyond them all share one count. */
const MAX_ADDRESSES = 10_000;
const OTHERS = "others";

export function createFailureLimit({ perMinute, log, nowMs }: FailureLimitOptions): FailureLimit {
  const minutes = new Map<string, Minute>();

  function end(key: string, minute: Minute): void {
    minutes.delete(key);
    if (minute.count > 1) {
      log.warn("Refused handshakes in the last minute", { address: key, count: minute.count, reason: minute.reason });
    }
  }

  function minuteOf(key: string, reason: string): Minute {
    const known = minutes.get(key);
    if (known !== undefined && nowMs() - known.startMs < MINUTE_MS) return known;
    if (known !== undefined) end(key, known);
    const fresh = { startMs: nowMs(), reason, count: 0 };
    minutes.set(key, fresh);
    log.warn("Refused a handshake", { address: key, reason });
    return fresh;
  }

  return {
    failed(address, reason): number | null {
      const wanted = networkOf(address);
      const key = minutes.has(wanted) || minutes.size < MAX_ADDRESSES ? wanted : OTHERS;
      const minute = minuteOf(key, reason);
      minute.count++;
      if (perMinute === 0 || minute.count <= perMinute) return null;
      return Math.max(1, Math.ceil((minute.startMs + MINUTE_MS - nowMs()) / 1000));
    },
    sweep(): void {
      for (const [key, minute] of minutes) if (nowMs() - minute.startMs >= MINUTE_MS) end(key, minute);
    },
  };
}

/** IPv4 addresses as they are, IPv6 addresses as their /64, anything else as it is. */
export function networkOf(address: string): string {
  const bytes = parseIpAddress(address);
  if (bytes === null) return address;
  if (bytes.length === 4) return bytes.join(".");
  const groups = [0, 2, 4, 6].map((at) => (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  return `${groups.join(":")}::/64`;
}
