// A connection as bytes in both directions, each with its own end; and the runtime's connections as such.

export interface ByteStream {
  /** The next bytes, or null at the end of what the other side sends. One reader at a time. @throws when it is broken. */
  read(): Promise<Uint8Array | null>;
  /** Settles when the system has taken all of them: wait for it before the next read elsewhere. One writer at a time. */
  write(bytes: Uint8Array): Promise<void>;
  /** Says that no more comes from here; the other direction stays open. */
  closeWrite(): Promise<void>;
  /** Both directions, at once. Pending reads and writes end. Safe to call twice. */
  close(): void;
}

const READ_BYTES = 64 * 1024;

export function connectionStream(connection: Deno.Conn): ByteStream {
  let isClosed = false;
  return {
    async read(): Promise<Uint8Array | null> {
      const chunk = new Uint8Array(READ_BYTES);
      const count = await connection.read(chunk);
      return count === null ? null : chunk.subarray(0, count);
    },
    async write(bytes): Promise<void> {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
    },
    async closeWrite(): Promise<void> {
      await connection.closeWrite().catch(() => {}); // The other side was faster.
    },
    close(): void {
      if (isClosed) return;
      isClosed = true;
      connection.close();
    },
  };
}
