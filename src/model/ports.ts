// What the model client asks of the outside: HTTP, a credential, time. The composition root satisfies them.
import type { ModelProvider } from "./provider.ts";

/** Web `fetch`, without global state. Rejects with a `TypeError` when no response came. */
export interface HttpClient {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

export interface TokenSource {
  /**
   * The bearer token for a provider, or null when it takes none (or the person has none).
   * @throws MissingEnvironmentVariable when the provider names an environment variable that is unset or empty.
   */
  bearer(provider: ModelProvider): Promise<string | null>;
}

export interface ModelClock {
  /** Unix milliseconds. */
  nowMs(): number;
  /** Rejects with the abort reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
