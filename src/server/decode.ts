// From a request's params to typed ones: found in the method table, checked by its schema (compiled at first use and
// kept), gated by stability. The order of the checks is the reference's: decoding first, whoever asks.
// The compiler is a third of the start of a server: it is loaded behind the first request, which `initialize` is.
// Until it is there, schemas are walked.
import type { TSchema } from "typebox";
import { type ClientMethod, clientRequests, type ParamsOf, type RequestRow } from "../protocol/client_requests.ts";
import type { RpcErrorBody } from "../rpc/message.ts";
import { describeMismatch, unknownVariant } from "./describe_mismatch.ts";
import { invalidRequest, needsExperimentalApi } from "./error_map.ts";

/**
 * How deep objects and arrays may lie in each other in a message, the message itself counted. wire: the reference's
 * bound, beyond which it does not answer; handlers may walk params by recursion.
 */
const MAX_MESSAGE_LEVELS = 127;

export type Decoded =
  | { readonly ok: true; readonly method: ClientMethod; readonly params: ParamsOf<ClientMethod> }
  | { readonly ok: false; readonly error: RpcErrorBody };

export interface Decoder {
  decode(method: string, params: unknown): Decoded;
  /** Whether `value` is an instance of a schema of the protocol. */
  matches(schema: TSchema, value: unknown): boolean;
}

type Validator = (value: unknown) => boolean;
type CompileSchema = (schema: TSchema) => Validator;

/** A task of its own, so that the answer to the first request is on its way before. */
async function loadCompiler(): Promise<CompileSchema> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  const { Compile } = await import("typebox/compile");
  return (schema) => {
    const validator = Compile(schema);
    return (value) => validator.Check(value);
  };
}

export function createDecoder(): Decoder {
  const validators = new Map<TSchema, Validator>();
  let loading: Promise<void> | null = null;
  let compile: CompileSchema | null = null;

  function matches(schema: TSchema, value: unknown): boolean {
    loading ??= loadCompiler().then((loaded) => void (compile = loaded));
    if (compile === null) return describeMismatch(schema, value, "") === null;
    let validator = validators.get(schema);
    if (!validator) {
      validator = compile(schema);
      validators.set(schema, validator);
    }
    return validator(value);
  }

  return {
    matches,
    decode(method: string, params: unknown): Decoded {
      if (!isClientMethod(method)) return refuse(unknownVariant(method, Object.keys(clientRequests)));
      if (params === undefined || params === null) return refuse("missing field `params`");
      if (isDeeperThan(params, MAX_MESSAGE_LEVELS - 1)) {
        return refuse(`nested deeper than ${MAX_MESSAGE_LEVELS} levels`);
      }
      const schema = clientRequests[method].params;
      if (!matches(schema, params)) {
        return refuse(describeMismatch(schema, params, typeNameOf(method)) ?? "params do not fit the method");
      }
      // The schema that was just checked is the one that ParamsOf is derived from.
      return { ok: true, method, params: params as ParamsOf<ClientMethod> };
    },
  };
}

/** What of this request needs the experimental API, or null. */
export function experimentalUse(method: ClientMethod, params: ParamsOf<ClientMethod>): RpcErrorBody | null {
  const row: RequestRow = clientRequests[method];
  if (row.stability === "experimental") return needsExperimentalApi(method);
  const fields = params as Readonly<Record<string, unknown>>; // Params are always objects.
  for (const field of row.experimentalFields ?? []) {
    if (isSet(fields[field])) return needsExperimentalApi(`${method}.${WIRE_FIELD_NAMES.get(field) ?? field}`);
  }
  const policy = fields["approvalPolicy"];
  if (typeof policy === "object" && policy !== null) return needsExperimentalApi("askForApproval.granular");
  return null;
}

/** wire: the reference names this field by its older name in the error. */
const WIRE_FIELD_NAMES: ReadonlyMap<string, string> = new Map([["persistExtendedHistory", "persistFullHistory"]]);

/** Nothing, "no" and empty collections are what a client that knows nothing of the field would mean. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** Level by level: recursion would end where this is meant to help. */
function isDeeperThan(value: unknown, levels: number): boolean {
  let containers = [value].filter(isContainer);
  for (let depth = 1; containers.length > 0; depth++) {
    if (depth > levels) return true;
    containers = containers.flatMap((container): unknown[] => Object.values(container)).filter(isContainer);
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isClientMethod(method: string): method is ClientMethod {
  return Object.hasOwn(clientRequests, method);
}

function refuse(reason: string): Decoded {
  return { ok: false, error: invalidRequest(reason) };
}

/** wire: `thread/read` → `ThreadReadParams`, as the reference names the types of params in its errors. */
function typeNameOf(method: ClientMethod): string {
  if (method === "account/read") return "GetAccountParams";
  const words = method.split(/[/_]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join("")}Params`;
}
