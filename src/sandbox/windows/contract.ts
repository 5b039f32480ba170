// What launcher, helper and runner of the Windows sandbox say to each other: frames of a length (u32, little endian) and
// that many bytes of JSON, each with the contract's version. Checked on both sides; described in README.md beside this.
import Type, { type Static, type TSchema } from "typebox";
import Value from "typebox/value";
import { CodexError } from "../../base/errors.ts";

/** Both sides are the same program; a frame of another version was left by another installation. */
export const CONTRACT_VERSION = 1;
export const MAX_FRAME_BYTES = 8 * 1024 * 1024;
const LENGTH_BYTES = 4;

const Sid = Type.String({ pattern: "^S-1-[0-9]+(-[0-9]+){1,15}$" });
const WindowsPath = Type.String({ pattern: "^([A-Z]:\\\\|\\\\\\\\[^\\\\]+\\\\[^\\\\]+)", maxLength: 32_000 });
const AtPath = Type.Object({ path: WindowsPath, sid: Sid }, { additionalProperties: false });
const Environment = Type.Record(Type.String(), Type.String());
const TerminalSize = Type.Object({
  rows: Type.Integer({ minimum: 1, maximum: 32_767 }),
  columns: Type.Integer({ minimum: 1, maximum: 32_767 }),
}, { additionalProperties: false });

/** What a process of the command may do, however it is started. */
const Confinement = Type.Object({
  /** SIDs of this workspace: what is written must be open to one of them. */
  capabilitySids: Type.Array(Sid, { minItems: 1, maxItems: 256 }),
  /** Existing, resolved folders. */
  allowWrite: Type.Array(AtPath),
  /** Read-only under them; what is missing may not come into being. */
  denyWrite: Type.Array(AtPath),
  privateDesktop: Type.Boolean(),
}, { additionalProperties: false });
export type Confinement = Static<typeof Confinement>;

const Start = {
  command: Type.Array(Type.String(), { minItems: 1 }),
  cwd: WindowsPath,
  env: Environment,
  terminal: Type.Union([TerminalSize, Type.Null()]),
  /** Standard error goes where standard output goes. */
  mergeOutput: Type.Boolean(),
  /** Null: as long as it takes. */
  timeoutMs: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
};

export const LaunchRequest = Type.Object({
  ...Start,
  /** When this process is gone, nobody wants the command any more. */
  launcherPid: Type.Integer({ minimum: 1 }),
  /** Null: no sandbox, as somebody decided. */
  confinement: Type.Union([Confinement, Type.Null()]),
  /** Null: as the user who asks. Else the sandbox user that setup made. */
  logon: Type.Union([
    Type.Object({
      user: Type.String({ minLength: 1, maxLength: 20 }),
      /** Base64 of the password, protected for the user who ran setup. */
      secret: Type.String(),
      /** Paths that the sandbox users may read, and may not, beside what all users may. */
      allowRead: Type.Array(WindowsPath),
      denyRead: Type.Array(WindowsPath),
      groupSid: Sid,
    }, { additionalProperties: false }),
    Type.Null(),
  ]),
}, { additionalProperties: false });
export type LaunchRequest = Static<typeof LaunchRequest>;

const SpawnRequest = Type.Object({ ...Start, confinement: Confinement }, { additionalProperties: false });
const Bytes = Type.Object({ data_b64: Type.String() }, { additionalProperties: false });

/** Frame type → payload. */
export const PAYLOADS = {
  launch: LaunchRequest,
  spawn_request: SpawnRequest,
  spawn_ready: Type.Object({ process_id: Type.Integer() }, { additionalProperties: false }),
  stdin: Bytes,
  stdin_end: Type.Object({}, { additionalProperties: false }),
  output: Type.Object(
    { data_b64: Type.String(), stream: Type.Union([Type.Literal("stdout"), Type.Literal("stderr")]) },
    { additionalProperties: false },
  ),
  exit: Type.Object({ exit_code: Type.Integer(), timed_out: Type.Boolean() }, { additionalProperties: false }),
  error: Type.Object({ code: Type.String(), message: Type.String() }, { additionalProperties: false }),
  terminate: Type.Object({}, { additionalProperties: false }),
} as const satisfies Record<string, TSchema>;

export type FrameType = keyof typeof PAYLOADS;
export type FramePayload<T extends FrameType> = Static<(typeof PAYLOADS)[T]>;
export type Frame = { [T in FrameType]: { readonly type: T; readonly payload: FramePayload<T> } }[FrameType];

/** @throws CodexError SANDBOX_UNAVAILABLE when it would be larger than a frame may be, or no such frame. */
export function encodeFrame<T extends FrameType>(type: T, payload: FramePayload<T>): Uint8Array<ArrayBuffer> {
  checkPayload(type, payload);
  const body = new TextEncoder().encode(JSON.stringify({ version: CONTRACT_VERSION, type, payload }));
  if (body.length > MAX_FRAME_BYTES) throw broken(`a frame of ${body.length} bytes, more than ${MAX_FRAME_BYTES}`);
  const bytes = new Uint8Array(LENGTH_BYTES + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length, true);
  bytes.set(body, LENGTH_BYTES);
  return bytes;
}

/** Bytes in, frames out. What is left over at the end is a frame cut short. */
export class FrameReader {
  #rest: Uint8Array = new Uint8Array(0);

  /** @throws CodexError SANDBOX_UNAVAILABLE at the first frame that is none. */
  push(chunk: Uint8Array): readonly Frame[] {
    const joined = new Uint8Array(this.#rest.length + chunk.length);
    joined.set(this.#rest);
    joined.set(chunk, this.#rest.length);
    this.#rest = joined;
    const frames: Frame[] = [];
    for (let length = this.#nextLength(); length !== null; length = this.#nextLength()) {
      if (this.#rest.length < LENGTH_BYTES + length) break;
      frames.push(decodeBody(this.#rest.subarray(LENGTH_BYTES, LENGTH_BYTES + length)));
      this.#rest = this.#rest.slice(LENGTH_BYTES + length);
    }
    return frames;
  }

  /** @throws CodexError SANDBOX_UNAVAILABLE when the input ended inside a frame. */
  end(): void {
    if (this.#rest.length > 0) throw broken("a frame that is cut short");
  }

  #nextLength(): number | null {
    if (this.#rest.length < LENGTH_BYTES) return null;
    const length = new DataView(this.#rest.buffer, this.#rest.byteOffset).getUint32(0, true);
    if (length > MAX_FRAME_BYTES) throw broken(`a frame of ${length} bytes, more than ${MAX_FRAME_BYTES}`);
    return length;
  }
}

/** Exactly one frame, of one type. @throws CodexError SANDBOX_UNAVAILABLE */
export function decodeOnly<T extends FrameType>(type: T, bytes: Uint8Array): FramePayload<T> {
  const reader = new FrameReader();
  const [frame, ...others] = reader.push(bytes);
  reader.end();
  if (frame === undefined || others.length > 0) throw broken(`${others.length + (frame ? 1 : 0)} frames, not one`);
  if (frame.type !== type) throw broken(`a frame "${frame.type}" where "${type}" belongs`);
  return frame.payload as FramePayload<T>; // its type was just compared
}

function decodeBody(body: Uint8Array): Frame {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw broken("a frame that is no JSON");
  }
  const frame = typeof value === "object" && value !== null ? value as Record<string, unknown> : {}; // an object
  if (frame["version"] !== CONTRACT_VERSION) {
    throw broken(`version ${JSON.stringify(frame["version"] ?? null)}, not ${CONTRACT_VERSION}`);
  }
  const type = frame["type"];
  if (typeof type !== "string" || !Object.hasOwn(PAYLOADS, type)) {
    throw broken(`a frame of unknown type ${JSON.stringify(type ?? null)}`);
  }
  const known = type as FrameType; // a key of the table
  checkPayload(known, frame["payload"]);
  return { type: known, payload: frame["payload"] } as Frame; // checked against the type's schema
}

function checkPayload(type: FrameType, payload: unknown): void {
  const schema = PAYLOADS[type];
  if (Value.Check(schema, payload)) return;
  const [first] = Value.Errors(schema, payload);
  const where = first === undefined ? "" : ` at ${first.instancePath || "/"}: ${first.message}`;
  throw broken(`a frame "${type}" of the wrong shape${where}`);
}

function broken(what: string): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot follow the sandbox contract: ${what}`, {
    hint: "Use one installation of codex at a time, and start the helper only through it",
  });
}
