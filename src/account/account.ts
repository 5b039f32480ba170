// Who we are to the model provider: keys from the environment, from auth.json, from the provider's own table.
import type { GetAccountResponse } from "../protocol/types/account.ts";

/** The parts of a provider that decide its credential. */
export interface CredentialProvider {
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
  /** The model client's `TokenSource`. @throws MissingEnvironmentVariable */
  bearer(provider: CredentialProvider): Promise<string | null>;
  /** `account/read` for the provider in force. */
  readAccount(provider: CredentialProvider): Promise<GetAccountResponse>;
}

export function createAccount(_options: AccountOptions): Account {
  throw new Error("in the making");
}
