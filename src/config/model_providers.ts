// The providers that need no configuration, and those that `model_providers` adds.
import type { ModelProviderConfig } from "./effective_config.ts";
import type { ConfigTable, ConfigValue } from "./loaded_config.ts";
import { isTable, ownValue } from "./value_type.ts";

const OPENAI_URL = "https://api.openai.com/v1";
const REQUEST_MAX_RETRIES = 4;
const STREAM_MAX_RETRIES = 5;
const STREAM_IDLE_TIMEOUT_MS = 300_000;
/** Higher settings are taken as this. */
const MAX_RETRIES = 100;

export const BUILT_IN_PROVIDERS: readonly ModelProviderConfig[] = [
  { ...plain("openai", "OpenAI", OPENAI_URL), requiresOpenaiAuth: true },
  plain("ollama", "Ollama", "http://localhost:11434/v1"),
  plain("lmstudio", "LM Studio", "http://localhost:1234/v1"),
];

function plain(id: string, name: string, baseUrl: string): ModelProviderConfig {
  return {
    id,
    name,
    baseUrl,
    envKey: null,
    envKeyInstructions: null,
    bearerToken: null,
    queryParams: {},
    httpHeaders: {},
    envHttpHeaders: {},
    requestMaxRetries: REQUEST_MAX_RETRIES,
    streamMaxRetries: STREAM_MAX_RETRIES,
    streamIdleTimeoutMs: STREAM_IDLE_TIMEOUT_MS,
    requiresOpenaiAuth: false,
  };
}

export interface ProviderProblem {
  readonly key: readonly string[];
  readonly reason: string;
  readonly hint: string;
}

/** What is wrong with the `model_providers` of a checked configuration beyond its types, or null. */
export function findProviderProblem(config: ConfigTable): ProviderProblem | null {
  const providers = ownValue(config, "model_providers");
  if (!isTable(providers)) return null;
  for (const [id, settings] of Object.entries(providers)) {
    if (!isTable(settings)) continue;
    if (BUILT_IN_PROVIDERS.some((provider) => provider.id === id)) {
      return {
        key: ["model_providers", id],
        reason: `the provider id \`${id}\` is built in and cannot be overridden`,
        hint: `Give your provider another id, for example "${id}-custom".`,
      };
    }
    const wireApi = ownValue(settings, "wire_api") ?? "responses";
    if (wireApi !== "responses") {
      return {
        key: ["model_providers", id, "wire_api"],
        reason: `\`wire_api = ${JSON.stringify(wireApi)}\` is not supported`,
        hint: 'Set wire_api = "responses", and use an address that speaks the Responses API.',
      };
    }
    const baseUrl = ownValue(settings, "base_url");
    if (typeof baseUrl === "string" && !isHttpUrl(baseUrl)) {
      return {
        key: ["model_providers", id, "base_url"],
        reason: `\`${baseUrl}\` is not an http or https URL`,
        hint: 'Write for example: base_url = "http://127.0.0.1:8080/v1"',
      };
    }
    if (ownValue(settings, "auth") !== undefined) {
      return {
        key: ["model_providers", id, "auth"],
        reason: "a command that prints the key is not supported by this version",
        hint: "Use env_key instead.",
      };
    }
  }
  return null;
}

function isHttpUrl(text: string): boolean {
  const protocol = URL.parse(text)?.protocol;
  return protocol === "http:" || protocol === "https:";
}

/** The provider with this id, defaults filled in, or null. The configuration has been checked. */
export function findProvider(
  config: ConfigTable,
  id: string,
  environment: Readonly<Record<string, string>>,
): ModelProviderConfig | null {
  const builtIn = BUILT_IN_PROVIDERS.find((provider) => provider.id === id);
  if (builtIn !== undefined) return { ...builtIn, baseUrl: builtInUrl(builtIn, config, environment) };
  const providers = ownValue(config, "model_providers");
  const settings = isTable(providers) ? ownValue(providers, id) : undefined;
  if (!isTable(settings)) return null;
  const text = (key: string): string | null => stringOf(ownValue(settings, key));
  const number = (key: string, standard: number): number => {
    const value = ownValue(settings, key);
    return typeof value === "number" ? value : standard;
  };
  return {
    id,
    name: text("name") ?? id,
    baseUrl: withoutSlash(text("base_url") ?? OPENAI_URL),
    envKey: text("env_key"),
    envKeyInstructions: text("env_key_instructions"),
    bearerToken: text("experimental_bearer_token"),
    queryParams: stringsOf(ownValue(settings, "query_params")),
    httpHeaders: stringsOf(ownValue(settings, "http_headers")),
    envHttpHeaders: stringsOf(ownValue(settings, "env_http_headers")),
    requestMaxRetries: Math.min(number("request_max_retries", REQUEST_MAX_RETRIES), MAX_RETRIES),
    streamMaxRetries: Math.min(number("stream_max_retries", STREAM_MAX_RETRIES), MAX_RETRIES),
    streamIdleTimeoutMs: number("stream_idle_timeout_ms", STREAM_IDLE_TIMEOUT_MS),
    requiresOpenaiAuth: ownValue(settings, "requires_openai_auth") === true,
  };
}

function builtInUrl(
  provider: ModelProviderConfig,
  config: ConfigTable,
  environment: Readonly<Record<string, string>>,
): string {
  if (provider.id === "openai") return withoutSlash(stringOf(ownValue(config, "openai_base_url")) ?? provider.baseUrl);
  // Source: the reference's variables for local servers elsewhere than on the usual port.
  const url = environment["CODEX_OSS_BASE_URL"];
  const port = environment["CODEX_OSS_PORT"];
  if (url) return withoutSlash(url);
  return port ? `http://localhost:${port}/v1` : provider.baseUrl;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

function stringOf(value: ConfigValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function stringsOf(value: ConfigValue | undefined): Readonly<Record<string, string>> {
  if (!isTable(value)) return {};
  const entries = Object.entries(value);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
