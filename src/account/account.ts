// Who we are to the model provider: a key from the environment, from auth.json or from the provider's own table.
// A key leaves this room only as the value of `bearer`; messages name where a key was looked for, never the key.
import { joinPath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import { findStat, findText } from "../host/files.ts";
import type { GetAccountResponse } from "../protocol/types/account.ts";

/** The parts of a provider that decide its credential. */
export interface CredentialProvider {
  readonly baseUrl: string;
  readonly envKey: string | null;
  readonly envKeyInstructions: string | null;
  readonly bearerToken: string | null;
  readonly requiresOpenaiAuth: boolean;
}

export interface AccountOptions {
  readonly codexHome: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Account {
  /**
   * The bearer token for a provider; null when it takes none.
   * @throws CodexError AUTH_SETUP when a key is needed and missing, or auth.json cannot be used.
   */
  bearer(provider: CredentialProvider): Promise<string | null>;
  /** `account/read` for the provider in force. @throws CodexError AUTH_SETUP when auth.json cannot be used. */
  readAccount(provider: CredentialProvider): Promise<GetAccountResponse>;
}

const API_KEY_VARIABLE = "OPENAI_API_KEY";
const OPENAI_HOST = "api.openai.com";

export function createAccount(options: AccountOptions): Account {
  const { codexHome, environment } = options;

  /** The person's own key: the environment of this run wins over what was stored. */
  async function findOwnKey(): Promise<string | null> {
    return environment[API_KEY_VARIABLE]?.trim() || await findStoredKey(joinPath(codexHome, "auth.json"));
  }

  return {
    async bearer(provider): Promise<string | null> {
      if (provider.bearerToken !== null) return provider.bearerToken;
      if (provider.envKey !== null) return environmentKey(environment, provider.envKey, provider.envKeyInstructions);
      if (!provider.requiresOpenaiAuth) return null;
      const key = await findOwnKey();
      // A stand-in under another address may take requests without a key; this one never does.
      if (key === null && URL.parse(provider.baseUrl)?.hostname === OPENAI_HOST) {
        throw new CodexError("AUTH_SETUP", `No API key: set ${API_KEY_VARIABLE}, or configure another model provider`, {
          hint: `Put the key in ${API_KEY_VARIABLE}, or a [model_providers.NAME] table in ${
            joinPath(codexHome, "config.toml")
          }.`,
        });
      }
      return key;
    },

    async readAccount(provider): Promise<GetAccountResponse> {
      if (!provider.requiresOpenaiAuth) return { account: null, requiresOpenaiAuth: false };
      const hasKey = provider.bearerToken !== null ||
        (provider.envKey === null ? await findOwnKey() !== null : Boolean(environment[provider.envKey]?.trim()));
      return { account: hasKey ? { type: "apiKey" } : null, requiresOpenaiAuth: true };
    },
  };
}

function environmentKey(
  environment: Readonly<Record<string, string>>,
  variable: string,
  instructions: string | null,
): string {
  const key = environment[variable]?.trim();
  if (key) return key;
  // wire: the reference's sentence, which clients show.
  const message = `Missing environment variable: \`${variable}\`.`;
  throw new CodexError("AUTH_SETUP", instructions ? `${message} ${instructions}` : message);
}

async function findStoredKey(path: string): Promise<string | null> {
  const text = await findText(path);
  if (text === null) return null;
  const mode = (await findStat(path))?.mode ?? null;
  if (mode !== null && (mode & 0o077) !== 0) {
    throw new CodexError("AUTH_SETUP", `Cannot use "${path}": other users may read or change it`, {
      hint: `Run: chmod 600 "${path}"`,
    });
  }
  const fields = parseAuthFile(path, text);
  const key = fields[API_KEY_VARIABLE];
  if (typeof key === "string" && key.trim() !== "") return key.trim();
  if (fields["tokens"] !== null && fields["tokens"] !== undefined) {
    throw new CodexError("AUTH_SETUP", `Cannot use "${path}": it holds a ChatGPT sign-in, not an API key`, {
      hint: `Set ${API_KEY_VARIABLE}.`,
    });
  }
  return null;
}

function parseAuthFile(path: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    // An object's fields, each still unknown.
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The parser's message quotes the text, which holds a key.
  }
  throw new CodexError("AUTH_SETUP", `Cannot parse "${path}": not a JSON object`, {
    hint: `Write {"${API_KEY_VARIABLE}": "..."} there, or remove the file and set ${API_KEY_VARIABLE}.`,
  });
}
