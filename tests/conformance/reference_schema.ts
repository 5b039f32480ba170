// The reference's own JSON Schemas, made by its npm package at test time, as validators for each kind of message
// that a server sends.

import { Ajv, type ValidateFunction } from "ajv";
import { run } from "../support/process.ts";
import { referenceCommand } from "../support/reference.ts";

/** Checks one message; an empty string means that it conforms. */
export interface ReferenceSchemas {
  notification(message: unknown): string;
  request(message: unknown): string;
  /** `undefined`: the reference knows no such method. */
  response(method: string, result: unknown): string | undefined;
  error(message: unknown): string;
}

// Method names whose response type is not the parameter type with another ending.
const RESPONSE_NAMES: Record<string, string> = {
  "account/logout": "LogoutAccountResponse",
  "account/rateLimits/read": "GetAccountRateLimitsResponse",
  "config/value/write": "ConfigWriteResponse",
  "config/batchWrite": "ConfigWriteResponse",
  "configRequirements/read": "ConfigRequirementsReadResponse",
  "config/mcpServer/reload": "McpServerRefreshResponse",
};

export async function loadReferenceSchemas(): Promise<ReferenceSchemas> {
  const folder = await Deno.makeTempDir({ prefix: "codex-schema-" });
  try {
    const { command, args } = await referenceCommand();
    const made = await run({
      command,
      args: [...args, "app-server", "generate-json-schema", "--experimental", "-o", folder],
    });
    if (made.code !== 0) throw new Error(`The reference made no schemas: ${made.stderr}`);
    return await readSchemas(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readSchemas(folder: string): Promise<ReferenceSchemas> {
  // Its formats are Rust's number types; sizes are not part of this check.
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const read = async (path: string): Promise<Record<string, unknown>> =>
    JSON.parse(await Deno.readTextFile(`${folder}/${path}`));
  const notification = ajv.compile(await read("ServerNotification.json"));
  const request = ajv.compile(await read("ServerRequest.json"));
  const error = ajv.compile(await read("JSONRPCError.json"));
  const responses = new Map<string, ValidateFunction>();
  const requests = await read("ClientRequest.json") as unknown as {
    oneOf: { properties: { method: { enum: string[] }; params?: { $ref?: string } } }[];
  };
  for (const { properties } of requests.oneOf) {
    const method = properties.method.enum[0]!;
    const params = properties.params?.$ref?.split("/").at(-1) ?? "";
    const name = RESPONSE_NAMES[method] ?? params.replace(/Params$/, "Response");
    const schema = await readFirst(read, [`v2/${name}.json`, `v1/${name}.json`, `${name}.json`]);
    if (schema !== undefined) responses.set(method, ajv.compile(schema));
  }
  const report = (validate: ValidateFunction, value: unknown): string =>
    validate(value) ? "" : ajv.errorsText(validate.errors?.slice(-4));
  return {
    // A union of dozens reports every branch; name the branch of the message's own method instead.
    notification: (message) => report(notification, message),
    request: (message) => report(request, message),
    response: (method, result) => {
      const validate = responses.get(method);
      return validate === undefined ? undefined : report(validate, result);
    },
    error: (message) => report(error, message),
  };
}

async function readFirst<T>(read: (path: string) => Promise<T>, paths: string[]): Promise<T | undefined> {
  for (const path of paths) {
    try {
      return await read(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}
