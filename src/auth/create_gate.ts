// Makes the gate that the flags `--ws-auth …` ask for: reads and checks the secret file now, so that a bad one ends the
// start rather than weakening anything, and looks at it again from then on.
import { CodexError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { readBearer } from "./bearer.ts";
import { createCapabilityToken } from "./capability_token.ts";
import { createFailureLimit } from "./failure_limit.ts";
import type { AuthGate, Authorization } from "./gate.ts";
import { createRotatingVerifier } from "./rotating_verifier.ts";
import type { SecretFiles } from "./secret_file.ts";
import type { Verifier, VerifierFactory } from "./verifier.ts";

export type GateRequest =
  | { readonly mode: "capability-token"; readonly tokenFile: string }
  | {
    readonly mode: "signed-bearer-token";
    readonly secretFile: string;
    readonly issuer: string | null;
    readonly audience: string | null;
    /** Null: 30. */
    readonly maxClockSkewSeconds: bigint | null;
  };

export interface GateOptions {
  readonly files: SecretFiles;
  readonly log: Log;
  /** Of one address; 0: no limit. */
  readonly failuresPerMinute: number;
  readonly graceSeconds: number;
  /** Unix milliseconds. */
  nowMs(): number;
  /** Calls back again and again until the returned function is called. */
  every(ms: number, work: () => void): () => void;
}

/** How often the secret file is looked at. */
const LOOK_EVERY_MS = 1_000;
/** Source: recorded reference behaviour (28 s late passes, 35 s late does not). */
const DEFAULT_SKEW_SECONDS = 30n;

/** How clients of a socket file are counted. */
const NO_ADDRESS = "unix socket";

/** @throws CodexError AUTH_SETUP */
export async function createAuthGate(request: GateRequest, options: GateOptions): Promise<AuthGate> {
  const { log, nowMs } = options;
  const limit = createFailureLimit({ perMinute: options.failuresPerMinute, log, nowMs });
  const verifier = await createRotatingVerifier({
    path: request.mode === "capability-token" ? request.tokenFile : request.secretFile,
    make: await factoryOf(request, options),
    graceMs: options.graceSeconds * 1000,
    files: options.files,
    log,
    nowMs,
  });
  const stop = options.every(LOOK_EVERY_MS, () => {
    void verifier.refresh();
    limit.sweep();
  });

  return {
    mode: request.mode,
    async authorize(authorization, address): Promise<Authorization> {
      const outcome = await judge(authorization, verifier);
      if (outcome.allowed) return outcome;
      const retryAfterSeconds = limit.failed(address ?? NO_ADDRESS, outcome.reason);
      if (retryAfterSeconds === null) return outcome;
      return { allowed: false, status: 429, reason: "too many failed handshakes", retryAfterSeconds };
    },
    reload: () => verifier.reload(),
    close: stop,
  };
}

async function factoryOf(request: GateRequest, { nowMs }: GateOptions): Promise<VerifierFactory> {
  if (request.mode === "capability-token") return createCapabilityToken;
  const { createSignedTokenVerifier } = await import("./signed_token.ts");
  const rules = {
    issuer: request.issuer,
    audience: request.audience,
    maxClockSkewSeconds: request.maxClockSkewSeconds ?? DEFAULT_SKEW_SECONDS,
  };
  return async (secret) => {
    try {
      return await createSignedTokenVerifier(secret, { rules, nowMs });
    } catch (error) {
      if (!(error instanceof CodexError)) throw error;
      // wire:
      throw new CodexError("AUTH_SETUP", `signed websocket bearer secret ${request.secretFile} ${error.message}`, {
        hint: "Make one with: openssl rand -base64 32",
      });
    }
  };
}

async function judge(authorization: string | null, verifier: Verifier): Promise<Authorization> {
  const bearer = readBearer(authorization);
  // wire: the reasons are the reference's.
  if (bearer.kind === "missing") return refused("missing websocket bearer token");
  if (bearer.kind === "invalid") return refused("invalid authorization header");
  const verdict = await verifier.check(bearer.token);
  return verdict.valid ? { allowed: true, subject: verdict.subject } : refused(verdict.reason);
}

function refused(reason: string): Authorization {
  return { allowed: false, status: 401, reason, retryAfterSeconds: null };
}
