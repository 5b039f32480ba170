// Which user owns the other end of a loopback connection, where the kernel has no table to read: lsof(8) is asked for
// the one port. Without privileges it shows the asker's own sockets only, which is enough to know oneself.
import { parseIpAddress, withoutMapping } from "../base/ip_address.ts";
import { spawnProcess } from "./process.ts";
import type { TcpAddress } from "./socket_table.ts";

export interface LsofOptions {
  /** Default: where macOS has it. */
  readonly program?: string;
}

interface Ends {
  readonly local: TcpAddress;
  readonly remote: TcpAddress;
}

const LSOF = "/usr/sbin/lsof";
const MAX_CHARS = 1024 * 1024;

/** The numeric user id that owns the remote end; null when it is not shown, or there is no such program. */
export async function uidByLsof({ local, remote }: Ends, { program = LSOF }: LsofOptions = {}): Promise<number | null> {
  let listing = "";
  const decoder = new TextDecoder();
  try {
    const port = `-iTCP:${remote.port}`;
    const child = await spawnProcess([program, "-nP", "-a", port, "-sTCP:ESTABLISHED", "-F", "pun"], {
      cwd: "/",
      env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" },
      stdin: "null",
      stdout: "pipe",
      stderr: "null",
      extraFds: [],
      onOutput: (chunk) => {
        if (listing.length < MAX_CHARS) listing += decoder.decode(chunk, { stream: true });
      },
    });
    await child.exited;
    await child.outputEnded;
  } catch {
    return null; // nobody who could be asked
  }
  return findOwner(listing, { local, remote });
}

/** Reads `-F pun`: a line `p…` for each process, `u…` with its user, `n…->…` for each of its sockets. Pure. */
export function findOwner(listing: string, { local, remote }: Ends): number | null {
  const wanted = `${endText(remote)} ${endText(local)}`;
  let uid: number | null = null;
  for (const line of listing.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) uid = null;
    else if (line.startsWith("u")) uid = /^\d+$/.test(value) ? Number(value) : null;
    else if (line.startsWith("n") && uid !== null) {
      const [own, other] = value.split("->").map(parseEnd);
      if (own !== undefined && other !== undefined && `${own} ${other}` === wanted) return uid;
    }
  }
  return null;
}

function parseEnd(text: string): string {
  const at = text.lastIndexOf(":");
  const hostname = text.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  return endText({ hostname, port: Number(text.slice(at + 1)) });
}

function endText({ hostname, port }: TcpAddress): string {
  const bytes = parseIpAddress(hostname);
  return `${bytes === null ? "?" : withoutMapping(bytes).join(".")}:${port}`;
}
