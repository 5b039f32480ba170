// Decides each `connect` of a sandboxed command while this process lives. What is allowed is connected from here, by the
// address that was judged and with the very socket of the command, so that nothing can be changed after the look. What
// goes wrong is a refusal; when this process ends, the kernel refuses all.
import { decodeOsBytes } from "../../base/os_string.ts";
import { type CallListener, type CallQuestion, openCallListener } from "../../host/call_listener.ts";
import { findLinkTarget } from "../../host/files.ts";
import { connectAsOwner, holdSocketFile, listenAbstract, localAddress } from "../../host/local_socket.ts";
import { peerOf, READABLE, waitForAny } from "../../host/local_socket.ts";
import { AF_INET, AF_INET6, AF_UNIX, EPERM, SOCK_CLOEXEC, SOCK_NONBLOCK } from "../../host/socket_calls.ts";
import { type SocketCalls, takeDescriptor } from "../../host/socket_calls.ts";
import { type AllowedSocket, fileAt, findAllowedSocket } from "./unix_sockets.ts";
import { TAKEN } from "./unix_sockets_stage.ts";

export interface SocketSupervisorOptions {
  readonly calls: SocketCalls;
  /** Our user id: nobody else may hand a listener over. */
  readonly uid: number;
  readonly allowed: readonly AllowedSocket[];
  /** The command has a network of its own, in which it may connect as it likes. */
  readonly hasOwnNetwork: boolean;
}

export interface SocketSupervisor {
  /** The abstract socket on which it waits for the stage. */
  readonly name: string;
  /** Ends all decisions; settles when nothing of it is open. */
  close(): Promise<void>;
}

const AF_UNSPEC = 0;
const EACCES = 13;
const EFAULT = 14;
const EINVAL = 22;
const ELOOP = 40;
const MAX_ADDRESS_BYTES = 128;
const PATH_AT = 2;
const WORD_BYTES = 32;
const MSG_NOSIGNAL = 0x4000;

/** @throws CodexError SANDBOX_UNAVAILABLE */
export function superviseSockets(options: SocketSupervisorOptions): SocketSupervisor {
  const { calls } = options;
  const name = `codex-sandbox-${crypto.randomUUID()}`;
  const door = listenAbstract(calls, name);
  const wake = calls.eventfd(0, SOCK_CLOEXEC | SOCK_NONBLOCK);
  const pending = new Set<Promise<void>>();
  let isClosed = false;

  /** False when it never will be, or once this ends. */
  async function isReadable(fd: number): Promise<boolean> {
    if (isClosed) return false;
    const [state = 0] = await waitForAny(calls, [fd, wake]);
    return !isClosed && (state & READABLE) !== 0;
  }

  async function takeListener(): Promise<number | null> {
    while (await isReadable(door)) {
      const line = calls.accept4(door, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (line < 0) continue;
      try {
        const peer = peerOf(calls, line);
        if (peer === null || peer.uid !== options.uid || !await isReadable(line)) continue;
        const word = new Uint8Array(WORD_BYTES);
        const count = Number(calls.recv(line, word, BigInt(WORD_BYTES), 0));
        const number = /^\d{1,9}$/.exec(new TextDecoder().decode(word.subarray(0, Math.max(0, count))))?.[0];
        if (number === undefined) continue;
        const fd = takeDescriptor(calls, peer.pid, Number(number));
        const reply = fd >= 0 ? TAKEN : `its listener cannot be taken over (pidfd_getfd: error ${-fd}); this needs ` +
          "Linux 5.6, and kernel.yama.ptrace_scope below 3";
        const bytes = new TextEncoder().encode(reply);
        calls.send(line, bytes, BigInt(bytes.length), MSG_NOSIGNAL);
        return fd < 0 ? null : fd;
      } finally {
        calls.close(line);
      }
    }
    return null;
  }

  async function answerAll(fd: number): Promise<void> {
    const listener = openCallListener(calls, fd);
    while (await isReadable(fd)) {
      const question = listener.receive();
      // Null: the asker has just gone.
      if (question === null) continue;
      const answering = answer(listener, question).finally(() => pending.delete(answering));
      pending.add(answering);
    }
  }

  async function answer(listener: CallListener, question: CallQuestion): Promise<void> {
    // Whatever goes wrong here is no reason to let it through, nor to leave others without an answer.
    const errno = await decide(listener, question).catch(() => EPERM);
    listener.answer(question, errno);
  }

  async function decide(listener: CallListener, question: CallQuestion): Promise<number> {
    const [socket = 0n, at = 0n, size = 0n] = question.args;
    const length = Number(BigInt.asIntN(32, size));
    if (length < PATH_AT || length > MAX_ADDRESS_BYTES) return EINVAL;
    const memory = listener.readMemory(question, at, length);
    if (memory === null) return EFAULT;
    const address = Uint8Array.from(memory);
    const family = new DataView(address.buffer).getUint16(0, true);
    const fd = Number(BigInt.asIntN(32, socket));
    if (family === AF_UNIX) return await decideLocal(listener, question, { fd, address });
    const isOwn = options.hasOwnNetwork && [AF_UNSPEC, AF_INET, AF_INET6].includes(family);
    return isOwn ? await connect(listener, question, { fd, address }) : EPERM;
  }

  async function decideLocal(
    listener: CallListener,
    question: CallQuestion,
    { fd, address }: { readonly fd: number; readonly address: Uint8Array },
  ): Promise<number> {
    const bytes = address.subarray(PATH_AT);
    const end = bytes.indexOf(0);
    const path = decodeOsBytes(end < 0 ? bytes : bytes.subarray(0, end));
    // Nameless, or of the abstract kind.
    if (path === "") return EPERM;
    const cwd = (): Promise<string | null> => findLinkTarget(`/proc/${question.thread}/cwd`).catch(() => null);
    const found = await findAllowedSocket(path, { allowed: options.allowed, cwd });
    if (found === null) return EPERM;
    const file = holdSocketFile(calls, found.real);
    if ("errno" in file) return file.errno === ELOOP ? EACCES : file.errno;
    try {
      if (found.file !== null && found.file !== await fileAt(file.path)) return EACCES;
      return await connect(listener, question, { fd, address: localAddress({ path: file.path }) });
    } finally {
      file.close();
    }
  }

  async function connect(
    listener: CallListener,
    question: CallQuestion,
    { fd, address }: { readonly fd: number; readonly address: Uint8Array<ArrayBuffer> },
  ): Promise<number> {
    const taken = listener.takeDescriptor(question, fd);
    if (taken < 0) return -taken;
    const isWanted = (): boolean => !isClosed && listener.isOpen(question);
    try {
      // What was read is the asker's only if it asks still.
      return isWanted() ? await connectAsOwner(calls, taken, { address, isWanted }) : EPERM;
    } finally {
      calls.close(taken);
    }
  }

  async function run(): Promise<void> {
    let listener: number | null = null;
    try {
      listener = await takeListener();
      if (listener !== null) await answerAll(listener);
      await Promise.allSettled(pending);
    } finally {
      if (listener !== null) calls.close(listener);
      calls.close(door);
    }
  }

  const running = run();
  // Said by `close`; until then the listener is closed, and all is refused.
  running.catch(() => {});
  return {
    name,
    async close(): Promise<void> {
      if (isClosed) return await running;
      isClosed = true;
      calls.write(wake, new Uint8Array(BigUint64Array.of(1n).buffer), 8n);
      await running;
      calls.close(wake);
    },
  };
}
