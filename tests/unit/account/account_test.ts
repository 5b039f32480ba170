import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { createAccount, type CredentialProvider } from "../../../src/account/account.ts";
import { readInstallationId } from "../../../src/account/installation_id.ts";

const CUSTOM: CredentialProvider = {
  baseUrl: "http://127.0.0.1:1/v1",
  envKey: null,
  envKeyInstructions: null,
  bearerToken: null,
  requiresOpenaiAuth: false,
};
const OPENAI: CredentialProvider = { ...CUSTOM, baseUrl: "https://api.openai.com/v1", requiresOpenaiAuth: true };

interface Row {
  readonly name: string;
  readonly provider: CredentialProvider;
  readonly environment?: Record<string, string>;
  readonly authFile?: string;
  readonly mode?: number;
  /** The token, or the start of the error's message. */
  readonly bearer: string | null | RegExp;
  readonly account: "apiKey" | null | RegExp;
}

const STORED = '{"OPENAI_API_KEY":"stored"}';
const ROWS: readonly Row[] = [
  {
    name: "a provider that takes no key",
    provider: CUSTOM,
    environment: { OPENAI_API_KEY: "env" },
    bearer: null,
    account: null,
  },
  { name: "a token in the table", provider: { ...CUSTOM, bearerToken: "table" }, bearer: "table", account: null },
  { name: "env_key", provider: { ...CUSTOM, envKey: "K" }, environment: { K: " key " }, bearer: "key", account: null },
  {
    name: "env_key unset",
    provider: { ...CUSTOM, envKey: "K" },
    bearer: /^Missing environment variable: `K`\.$/,
    account: null,
  },
  {
    name: "env_key blank, with instructions",
    provider: { ...CUSTOM, envKey: "K", envKeyInstructions: "Get one at x." },
    environment: { K: "  " },
    bearer: /^Missing environment variable: `K`\. Get one at x\.$/,
    account: null,
  },
  {
    name: "OPENAI_API_KEY before auth.json",
    provider: OPENAI,
    environment: { OPENAI_API_KEY: "env" },
    authFile: STORED,
    bearer: "env",
    account: "apiKey",
  },
  { name: "auth.json", provider: OPENAI, authFile: STORED, bearer: "stored", account: "apiKey" },
  { name: "no key at all", provider: OPENAI, bearer: /^No API key: set OPENAI_API_KEY/, account: null },
  {
    name: "no key, another address",
    provider: { ...OPENAI, baseUrl: "http://127.0.0.1:1/v1" },
    bearer: null,
    account: null,
  },
  {
    name: "auth.json with an empty key",
    provider: OPENAI,
    authFile: '{"OPENAI_API_KEY":""}',
    bearer: /^No API key/,
    account: null,
  },
  {
    name: "auth.json open to others",
    provider: OPENAI,
    authFile: STORED,
    mode: 0o640,
    bearer: /^Cannot use ".*auth\.json": other users may read or change it$/,
    account: /other users/,
  },
  {
    name: "auth.json with a ChatGPT sign-in",
    provider: OPENAI,
    authFile: '{"OPENAI_API_KEY":null,"tokens":{"access_token":"secret"}}',
    bearer: /^Cannot use ".*auth\.json": it holds a ChatGPT sign-in/,
    account: /ChatGPT/,
  },
  {
    name: "auth.json that is not JSON",
    provider: OPENAI,
    authFile: '{"OPENAI_API_KEY":"secret',
    bearer: /^Cannot parse ".*auth\.json": not a JSON object$/,
    account: /Cannot parse/,
  },
];

async function outcome<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    assert.ok(error instanceof CodexError);
    assert.equal(error.code, "AUTH_SETUP");
    assert.doesNotMatch(error.message + error.hint, /secret|stored/);
    return error.message;
  }
}

for (const row of ROWS) {
  Deno.test(`account: ${row.name}`, async () => {
    const codexHome = await Deno.makeTempDir();
    try {
      if (row.authFile !== undefined) {
        await Deno.writeTextFile(`${codexHome}/auth.json`, row.authFile);
        await Deno.chmod(`${codexHome}/auth.json`, row.mode ?? 0o600);
      }
      const account = createAccount({ codexHome, environment: row.environment ?? {} });
      const bearer = await outcome(account.bearer(row.provider));
      if (row.bearer instanceof RegExp) assert.match(String(bearer), row.bearer);
      else assert.equal(bearer, row.bearer);
      const read = await outcome(account.readAccount(row.provider));
      if (row.account instanceof RegExp) assert.match(String(read), row.account);
      else {
        assert.deepEqual(read, {
          account: row.account === null ? null : { type: row.account },
          requiresOpenaiAuth: row.provider.requiresOpenaiAuth,
        });
      }
    } finally {
      await Deno.remove(codexHome, { recursive: true });
    }
  });
}

Deno.test("readInstallationId() makes an id once and keeps it", async () => {
  const codexHome = await Deno.makeTempDir();
  try {
    const id = await readInstallationId(codexHome);
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.equal(await readInstallationId(codexHome), id);
    await Deno.writeTextFile(`${codexHome}/installation_id`, "garbage");
    assert.notEqual(await readInstallationId(codexHome), id);
    assert.match(await readInstallationId(`${codexHome}/missing`), /^[0-9a-f-]{36}$/);
  } finally {
    await Deno.remove(codexHome, { recursive: true });
  }
});
