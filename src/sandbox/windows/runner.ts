// The runner of the elevated level: a stage of this program that runs as a sandbox user. It takes one spawn request over
// a named pipe, runs the command confined, and passes its streams as frames. It ends when the other side goes.
import { CodexError, messageOf } from "../../base/errors.ts";
import { readEnvironment } from "../../host/env.ts";
import { openWindowsApi, type WindowsApi } from "../../host/windows/api.ts";
import { joinPipe } from "../../host/windows/named_pipe.ts";
import { createPseudoConsole, type PseudoConsole } from "../../host/windows/pseudo_console.ts";
import { createPipe, type Pipe, readHandle, writeHandle } from "../../host/windows/streams.ts";
import { type ConfinedProcess, startConfined } from "./confined_process.ts";
import { encodeFrame, type Frame, type FramePayload, FrameReader, type FrameType } from "./contract.ts";

const FAILED = 125;
/** Where this user's own files are; the person's are not open to the command. */
const PROFILE_NAMES = ["USERPROFILE", "USERNAME", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA"] as const;

type Send = <T extends FrameType>(type: T, payload: FramePayload<T>) => Promise<boolean>;

export async function runWindowsRunner(words: readonly string[]): Promise<number> {
  const names = words.map((word) => /^--pipe-(in|out)=([\w-]+)$/.exec(word));
  const pipeIn = names.find((match) => match?.[1] === "in")?.[2];
  const pipeOut = names.find((match) => match?.[1] === "out")?.[2];
  if (words.length !== 2 || pipeIn === undefined || pipeOut === undefined) return FAILED;
  const api = openWindowsApi();
  const input = joinPipe(api, pipeIn, "outbound");
  const output = joinPipe(api, pipeOut, "inbound");
  let lastSent: Promise<boolean> = Promise.resolve(true);
  // One after the other: two writes at a time would mix their bytes.
  const send: Send = (type, payload) => {
    lastSent = lastSent.then(() => writeHandle(api, output, encodeFrame(type, payload)));
    return lastSent;
  };
  try {
    return await serve(api, input, send);
  } catch (error) {
    const code = error instanceof CodexError ? error.code : "SANDBOX_UNAVAILABLE";
    await send("error", { code, message: messageOf(error) });
    return FAILED;
  }
}

/** Settles when the command has ended, or the other side has gone, which ends the command. */
async function serve(api: WindowsApi, input: bigint, send: Send): Promise<number> {
  const ended = Promise.withResolvers<number>();
  const obey = async (): Promise<number> => {
    const reader = new FrameReader();
    let running: Running | null = null;
    for (let bytes = await readHandle(api, input); bytes !== null; bytes = await readHandle(api, input)) {
      for (const frame of reader.push(bytes)) {
        if (frame.type === "spawn_request" && running === null) {
          running = start(api, frame.payload, send);
          await send("spawn_ready", { process_id: running.child.processId });
          running.ended.then(ended.resolve, ended.reject);
        } else if (running !== null) {
          await pass(frame, running);
        } else {
          throw outOfOrder(frame.type);
        }
      }
    }
    reader.end();
    running?.child.terminate();
    return running === null ? FAILED : await running.ended;
  };
  return await Promise.race([obey(), ended.promise]);
}

interface Running {
  readonly child: ConfinedProcess;
  /** When all was sent: the exit code. */
  readonly ended: Promise<number>;
  write(bytes: Uint8Array): Promise<unknown>;
  closeInput(): void;
}

async function pass(frame: Frame, running: Running): Promise<void> {
  switch (frame.type) {
    case "stdin":
      await running.write(Uint8Array.fromBase64(frame.payload.data_b64));
      return;
    case "stdin_end":
      return running.closeInput();
    case "terminate":
      return running.child.terminate();
    default:
      throw outOfOrder(frame.type);
  }
}

function start(api: WindowsApi, request: FramePayload<"spawn_request">, send: Send): Running {
  const own = readEnvironment();
  const profile = PROFILE_NAMES.flatMap((name) => own[name] === undefined ? [] : [[name, own[name]] as const]);
  const env = { ...request.env, ...Object.fromEntries(profile) };
  return request.terminal === null
    ? startOnPipes(api, { ...request, env }, send)
    : startOnConsole(api, { ...request, env }, { console: createPseudoConsole(api, request.terminal), send });
}

function startOnPipes(api: WindowsApi, request: FramePayload<"spawn_request">, send: Send): Running {
  const [input, output, error] = [0, 1, 2].map(() => createPipe(api, { inheritable: true })) as [Pipe, Pipe, Pipe]; // three
  const streams = {
    input: input.readEnd,
    output: output.writeEnd,
    error: request.mergeOutput ? output.writeEnd : error.writeEnd,
  };
  const child = startConfined(api, { ...request, streams });
  for (const handle of [input.readEnd, output.writeEnd, error.writeEnd]) api.CloseHandle(handle);
  const sent = Promise.all([
    sendOutput(api, output.readEnd, { stream: "stdout", send }),
    sendOutput(api, error.readEnd, { stream: "stderr", send }),
  ]);
  let isOpen = true;
  return {
    child,
    ended: finish(child, { drain: async () => void await sent, send }),
    write: async (bytes) => isOpen && await writeHandle(api, input.writeEnd, bytes),
    closeInput(): void {
      if (isOpen) api.CloseHandle(input.writeEnd);
      isOpen = false;
    },
  };
}

interface ConsoleUse {
  readonly console: PseudoConsole;
  readonly send: Send;
}

function startOnConsole(
  api: WindowsApi,
  request: FramePayload<"spawn_request">,
  { console, send }: ConsoleUse,
): Running {
  const child = startConfined(api, { ...request, streams: { pseudoConsole: console.handle } });
  const sent = sendOutput(api, console.output, { stream: "stdout", send });
  const drain = async (): Promise<void> => {
    await console.close();
    await sent;
  };
  return {
    child,
    ended: finish(child, { drain, send }),
    write: (bytes) => writeHandle(api, console.input, bytes),
    // A terminal's input has no end: the person types one.
    closeInput: () => {},
  };
}

async function finish(
  child: ConfinedProcess,
  { drain, send }: { readonly drain: () => Promise<void>; readonly send: Send },
): Promise<number> {
  const { exitCode, timedOut } = await child.exited;
  await drain();
  await send("exit", { exit_code: exitCode, timed_out: timedOut });
  return 0;
}

interface OutputUse {
  readonly stream: "stdout" | "stderr";
  readonly send: Send;
}

async function sendOutput(api: WindowsApi, from: bigint, { stream, send }: OutputUse): Promise<void> {
  for (let bytes = await readHandle(api, from); bytes !== null; bytes = await readHandle(api, from)) {
    await send("output", { data_b64: bytes.toBase64(), stream });
  }
  api.CloseHandle(from);
}

function outOfOrder(type: string): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot follow the sandbox contract: "${type}" has no place here`);
}
