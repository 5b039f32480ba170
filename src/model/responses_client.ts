// The model client for providers that speak the Responses API over HTTP with server-sent events.
import type { ModelClient } from "./model_client.ts";
import type { ModelProvider } from "./provider.ts";
import type { HttpClient, ModelClock, TokenSource } from "./ports.ts";

export interface ModelClientOptions {
  readonly provider: ModelProvider;
  readonly tokens: TokenSource;
  readonly http: HttpClient;
  /** For `envHttpHeaders`. */
  readonly environment: Readonly<Record<string, string>>;
  /** The server's whole user agent; what stands before its first `/` is sent as `originator`. Asked once a request. */
  readonly userAgent: () => string;
  /** Sent as client metadata. Default: none is sent. */
  readonly installationId?: string;
  readonly clock: ModelClock;
  /** 0 ≤ x < 1, for the jitter of waits. Default `Math.random`. */
  readonly random?: () => number;
}

export function createModelClient(_options: ModelClientOptions): ModelClient {
  throw new Error("in the making");
}
