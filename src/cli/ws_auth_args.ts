// Which proof the server asks of its clients, decided from the `--ws-…` flags: each needs the mode it belongs to.
// The files are read later, by auth/create_gate. Sentences are the reference's. wire:
import type { GateRequest } from "../auth/create_gate.ts";
import { CodexError } from "../base/errors.ts";
import { flagOf, type LowFlags, shownFlag } from "./shared_flags.ts";
import { UsageError } from "./usage_error.ts";

export interface WsAuthArgs {
  readonly request: GateRequest;
  /** How long the previous secret still counts after its file changed. */
  readonly graceSeconds: number;
  /** Failed handshakes of one address; 0: no limit. */
  readonly failuresPerMinute: number;
}

const DEFAULT_FAILURES_PER_MINUTE = 600;

const MAX_I64 = 2n ** 63n - 1n;
const MAX_U64 = 2n ** 64n - 1n;

/** Null when clients need no proof. @throws UsageError, CodexError USAGE */
export function decideWsAuth(flags: LowFlags): WsAuthArgs | null {
  const graceSeconds = decideCount("wsTokenGraceSeconds", flags) ?? 0;
  const failuresPerMinute = decideCount("wsAuthFailuresPerMinute", flags) ?? DEFAULT_FAILURES_PER_MINUTE;
  const request = decideRequest(flags);
  if (request !== null) {
    if (flags.wsAllowOtherUsers) throw refusal("`--ws-allow-other-users` has no effect with `--ws-auth`: leave it out");
    return { request, graceSeconds, failuresPerMinute };
  }
  if (flags.wsTokenGraceSeconds !== undefined || flags.wsAuthFailuresPerMinute !== undefined) throw needsMode();
  return null;
}

function decideCount(name: "wsTokenGraceSeconds" | "wsAuthFailuresPerMinute", flags: LowFlags): number | null {
  const text = flags[name];
  if (text === undefined) return null;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`invalid value '${text}' for '${shownFlag(flagOf(name))}': invalid digit found in string`);
}

function decideRequest(flags: LowFlags): GateRequest | null {
  const skew = decideSkew(flags.wsMaxClockSkewSeconds);
  const hasSignedFlags = [flags.wsSharedSecretFile, flags.wsIssuer, flags.wsAudience, flags.wsMaxClockSkewSeconds]
    .some((value) => value !== undefined);
  switch (flags.wsAuth) {
    case "capability-token":
      if (hasSignedFlags) {
        throw refusal(
          "`--ws-shared-secret-file`, `--ws-issuer`, `--ws-audience`, and `--ws-max-clock-skew-seconds` " +
            "require `--ws-auth signed-bearer-token`",
        );
      }
      if (flags.wsTokenFile === undefined) {
        throw refusal("`--ws-token-file` is required when `--ws-auth capability-token` is set");
      }
      return { mode: "capability-token", tokenFile: flags.wsTokenFile };
    case "signed-bearer-token":
      if (flags.wsTokenFile !== undefined) {
        throw refusal("`--ws-token-file` requires `--ws-auth capability-token`, not `signed-bearer-token`");
      }
      if (flags.wsSharedSecretFile === undefined) {
        throw refusal("`--ws-shared-secret-file` is required when `--ws-auth signed-bearer-token` is set");
      }
      return {
        mode: "signed-bearer-token",
        secretFile: flags.wsSharedSecretFile,
        issuer: flags.wsIssuer ?? null,
        audience: flags.wsAudience ?? null,
        maxClockSkewSeconds: skew,
      };
    default:
      if (hasSignedFlags || flags.wsTokenFile !== undefined) {
        throw needsMode();
      }
      return null;
  }
}

function decideSkew(text: string | undefined): bigint | null {
  if (text === undefined) return null;
  if (!/^\+?[0-9]+$/.test(text) || BigInt(text.replace("+", "")) > MAX_U64) {
    const reason = /^\+?[0-9]+$/.test(text)
      ? "number too large to fit in target type"
      : "invalid digit found in string";
    throw new UsageError(`invalid value '${text}' for '--ws-max-clock-skew-seconds <SECONDS>': ${reason}`);
  }
  const seconds = BigInt(text.replace("+", ""));
  if (seconds > MAX_I64) throw refusal("websocket auth clock skew must fit in a signed 64-bit integer");
  return seconds;
}

function needsMode(): CodexError {
  return refusal("websocket auth flags require `--ws-auth capability-token` or `--ws-auth signed-bearer-token`");
}

function refusal(message: string): CodexError {
  return new CodexError("USAGE", message);
}
