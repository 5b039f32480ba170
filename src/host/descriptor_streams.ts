// Connections that the runtime cannot know, because their sockets were made in another network namespace, as byte
// streams: bare descriptors, and one wait (epoll, on another thread) for all of them. Linux only. Source: epoll(7).
import { errnoOf } from "./glibc.ts";
import type { ByteStream } from "./byte_stream.ts";
import { EAGAIN, EINTR, SOCK_CLOEXEC, SOCK_NONBLOCK, type SocketCalls } from "./socket_calls.ts";

const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
const EPOLLOUT = 4;
const EPOLLRDHUP = 0x2000;
const EPOLLET = 0x8000_0000;
const MSG_NOSIGNAL = 0x4000;
const MSG_DONTWAIT = 0x40;
const SHUT_WR = 1;
const SHUT_BOTH = 2;
const F_SETFL = 4;
const MAX_EVENTS = 64;
const FOREVER = -1;
const READ_BYTES = 64 * 1024;
/** `struct epoll_event` is packed on one architecture only; its second member, ours to choose, is the key. */
const IS_PACKED = Deno.build.arch === "x86_64";
const EVENT_BYTES = IS_PACKED ? 12 : 16;
const KEY_AT = IS_PACKED ? 4 : 8;
const WAKE_KEY = 0;

export class DescriptorStreams {
  readonly #calls: SocketCalls;
  readonly #epoll: number;
  readonly #wake: number;
  readonly #chunk = new Uint8Array(READ_BYTES);
  /** What to do when the kernel says that something about a descriptor has changed. */
  readonly #listeners = new Map<number, () => void>();
  readonly #closers = new Set<() => void>();
  readonly #running: Promise<void>;
  #nextKey = WAKE_KEY + 1;
  #isClosed = false;

  constructor(calls: SocketCalls) {
    this.#calls = calls;
    this.#epoll = calls.epoll_create1(SOCK_CLOEXEC);
    this.#wake = calls.eventfd(0, SOCK_CLOEXEC | SOCK_NONBLOCK);
    this.#add(this.#wake, WAKE_KEY, () => {});
    this.#running = this.#run();
  }

  /** Takes a listening socket over and hands each of its connections out. */
  accept(listener: number, onStream: (stream: ByteStream) => void): void {
    this.#calls.fcntl(listener, F_SETFL, BigInt(SOCK_NONBLOCK));
    const key = this.#nextKey++;
    const takeAll = (): void => {
      for (let fd = this.#acceptOne(listener); fd >= 0; fd = this.#acceptOne(listener)) onStream(this.#streamOf(fd));
    };
    this.#closers.add(() => this.#calls.close(listener));
    this.#add(listener, key, takeAll);
  }

  /** Closes all sockets; pending reads end. Settles when the wait has ended. */
  async close(): Promise<void> {
    if (this.#isClosed) return await this.#running;
    this.#isClosed = true;
    for (const close of [...this.#closers]) close();
    this.#calls.write(this.#wake, new Uint8Array(BigUint64Array.of(1n).buffer), 8n);
    await this.#running;
    this.#calls.close(this.#epoll);
    this.#calls.close(this.#wake);
  }

  #acceptOne(listener: number): number {
    return this.#isClosed ? -1 : this.#calls.accept4(listener, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK);
  }

  #add(fd: number, key: number, listener: () => void): void {
    const event = new Uint8Array(EVENT_BYTES);
    const view = new DataView(event.buffer);
    // Told once at each change: whoever waits has tried before.
    view.setUint32(0, (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) >>> 0, true);
    view.setUint32(KEY_AT, key, true);
    this.#listeners.set(key, listener);
    this.#calls.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, event);
  }

  async #run(): Promise<void> {
    const events = new Uint8Array(EVENT_BYTES * MAX_EVENTS);
    const view = new DataView(events.buffer);
    while (!this.#isClosed) {
      const count = await this.#calls.epoll_wait(this.#epoll, events, MAX_EVENTS, FOREVER);
      for (let at = 0; at < count; at++) this.#listeners.get(view.getUint32(at * EVENT_BYTES + KEY_AT, true))?.();
    }
  }

  #streamOf(fd: number): ByteStream {
    const calls = this.#calls;
    const key = this.#nextKey++;
    const waiters = new Set<() => void>();
    let isClosed = false;
    const wakeAll = (): void => {
      for (const wake of [...waiters]) wake();
    };
    const changed = (): Promise<void> =>
      new Promise((resolve) => {
        const wake = (): void => {
          waiters.delete(wake);
          resolve();
        };
        waiters.add(wake);
      });
    const close = (): void => {
      if (isClosed) return;
      isClosed = true;
      this.#listeners.delete(key);
      this.#closers.delete(close);
      calls.shutdown(fd, SHUT_BOTH);
      calls.close(fd);
      wakeAll();
    };
    this.#closers.add(close);
    this.#add(fd, key, wakeAll);
    const orWait = async (what: string): Promise<void> => {
      const errno = errnoOf(calls);
      if (errno === EINTR) return;
      if (errno !== EAGAIN) throw new Error(`Cannot ${what}: error ${errno} of the system`);
      await changed();
    };
    return {
      read: async (): Promise<Uint8Array | null> => {
        while (!isClosed) {
          const count = Number(calls.recv(fd, this.#chunk, BigInt(READ_BYTES), MSG_DONTWAIT));
          if (count >= 0) return count === 0 ? null : this.#chunk.slice(0, count);
          await orWait("read");
        }
        return null;
      },
      async write(bytes): Promise<void> {
        for (let rest = new Uint8Array(bytes); rest.length > 0;) {
          if (isClosed) throw new Error("Cannot write: the connection is closed");
          const count = Number(calls.send(fd, rest, BigInt(rest.length), MSG_NOSIGNAL | MSG_DONTWAIT));
          if (count >= 0) rest = rest.subarray(count);
          else await orWait("write");
        }
      },
      closeWrite(): Promise<void> {
        if (!isClosed) calls.shutdown(fd, SHUT_WR);
        return Promise.resolve();
      },
      close,
    };
  }
}
