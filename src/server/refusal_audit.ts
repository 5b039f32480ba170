// Handshakes that were refused, for the audit log: the first of an address with a status at once, the others of its minute
// as one record with their number, so that whoever knocks without end does not fill the disk. Reasons are texts of ours,
// nothing of what the client has sent.
import { networkOf } from "../auth/failure_limit.ts";
import type { Audit, AuditRecord } from "./audit.ts";

export type Refusal = Omit<Extract<AuditRecord, { event: "refused" }>, "event" | "count">;

export interface Refusals {
  refused(refusal: Refusal): void;
  /** Records the minutes that are over. Call now and then. */
  sweep(): void;
  /** Records all. */
  close(): void;
}

export const NO_REFUSALS: Refusals = { refused(): void {}, sweep(): void {}, close(): void {} };

interface Minute {
  readonly startMs: number;
  refusal: Refusal;
  /** Those that no record stands for yet. */
  count: number;
}

const MINUTE_MS = 60_000;
/** Pairs of address and status that are told apart; beyond them the address is "others". */
const MAX_MINUTES = 10_000;

/** `nowMs`: Unix milliseconds. */
export function createRefusals(audit: Audit, nowMs: () => number): Refusals {
  const minutes = new Map<string, Minute>();

  function record(refusal: Refusal, count: number): void {
    audit.record({ event: "refused", ...refusal, count });
  }

  function end(key: string, { refusal, count }: Minute): void {
    minutes.delete(key);
    if (count > 0) record(refusal, count);
  }

  function endIfOver(key: string, minute: Minute): void {
    if (nowMs() - minute.startMs >= MINUTE_MS) end(key, minute);
  }

  return {
    refused({ transport, address, status, reason }): void {
      const network = address === null ? null : networkOf(address);
      const isKnown = minutes.has(keyOf(network, status)) || minutes.size < MAX_MINUTES;
      const refusal = { transport, address: isKnown ? network : "others", status, reason };
      const key = keyOf(refusal.address, status);
      const known = minutes.get(key);
      if (known !== undefined) endIfOver(key, known);
      const minute = minutes.get(key);
      if (minute === undefined) {
        minutes.set(key, { startMs: nowMs(), refusal, count: 0 });
        return record(refusal, 1);
      }
      minute.refusal = refusal;
      minute.count++;
    },
    sweep(): void {
      for (const [key, minute] of minutes) endIfOver(key, minute);
    },
    close(): void {
      for (const [key, minute] of minutes) end(key, minute);
    },
  };
}

function keyOf(address: string | null, status: number): string {
  return `${address ?? "file"} ${status}`;
}
