// The rate limits that a response's headers tell of, as the wire's snapshot.
import type { CreditsSnapshot, RateLimitSnapshot, RateLimitWindow } from "../protocol/types/account.ts";

/** Every field is null when the provider sends no such header. Source: recorded `account/rateLimits/updated`. */
export function readRateLimits(headers: Headers): RateLimitSnapshot {
  return {
    limitId: "codex",
    limitName: headers.get("x-codex-limit-name"),
    primary: readWindow(headers, "primary"),
    secondary: readWindow(headers, "secondary"),
    credits: readCredits(headers),
    planType: null,
  };
}

function readWindow(headers: Headers, name: "primary" | "secondary"): RateLimitWindow | null {
  const usedPercent = readNumber(headers, `x-codex-${name}-used-percent`);
  if (usedPercent === null) return null;
  return {
    usedPercent: Math.round(usedPercent),
    windowDurationMins: toInteger(readNumber(headers, `x-codex-${name}-window-minutes`)),
    resetsAt: toInteger(readNumber(headers, `x-codex-${name}-reset-at`)),
  };
}

function readCredits(headers: Headers): CreditsSnapshot | null {
  const hasCredits = readBoolean(headers, "x-codex-credits-has-credits");
  const unlimited = readBoolean(headers, "x-codex-credits-unlimited");
  if (hasCredits === null || unlimited === null) return null;
  return { hasCredits, unlimited, balance: headers.get("x-codex-credits-balance") };
}

function readNumber(headers: Headers, name: string): number | null {
  const text = headers.get(name);
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function readBoolean(headers: Headers, name: string): boolean | null {
  const text = headers.get(name)?.toLowerCase();
  return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : null;
}

function toInteger(value: number | null): number | null {
  return value === null ? null : Math.trunc(value);
}
