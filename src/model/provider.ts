// A model provider as the client needs it: where it is, how to speak to it, how often to try.

export interface ModelProvider {
  readonly id: string;
  readonly name: string;
  /** Without a trailing slash; `/responses` is appended. */
  readonly baseUrl: string;
  /** Environment variable that holds the key, or null. */
  readonly envKey: string | null;
  readonly envKeyInstructions: string | null;
  readonly bearerToken: string | null;
  readonly queryParams: Readonly<Record<string, string>>;
  readonly httpHeaders: Readonly<Record<string, string>>;
  /** Header name → environment variable. */
  readonly envHttpHeaders: Readonly<Record<string, string>>;
  readonly requestMaxRetries: number;
  readonly streamMaxRetries: number;
  readonly streamIdleTimeoutMs: number;
  /** The provider takes the person's own account (API key in the credential store), not only `envKey`. */
  readonly requiresOpenaiAuth: boolean;
}
