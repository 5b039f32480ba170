// What a program needs to be started at all: the interpreter of a script (`#!`), or the loader of a dynamic program.
// Without it the kernel says that the program itself is missing. Source: execve(2), elf(5).
import { joinPath } from "../base/absolute_path.ts";
import { findHead } from "./files.ts";

/** As many as the kernel passes through, where the interpreter is a script too. */
export const MAX_INTERPRETERS = 5;
/** The head of an ELF file with its program headers, and where linkers put the loader's name. */
const HEAD_BYTES = 4096;
/** Of a `#!` line, as much as the kernel reads. */
const MAX_LINE_BYTES = 256;
const MACHINES: Readonly<Record<string, number>> = { x86_64: 62, aarch64: 183 };
const PT_INTERP = 3;
const ELF_BYTE = 0x7f;

export interface Interpreter {
  /** Absolute. */
  readonly path: string;
  /** It needs none itself: a loader. */
  readonly isLast: boolean;
}

/** The interpreter of the program at an absolute path; null when it has none or may not be read. */
export async function findInterpreter(path: string, cwd: string): Promise<Interpreter | null> {
  const head = await findHead(path, HEAD_BYTES).catch(() => null);
  const name = head === null ? null : interpreterOf(head, Deno.build.arch);
  return name === null ? null : { path: joinPath(cwd, name), isLast: head?.[0] === ELF_BYTE };
}

/** As it is written in the first bytes of a program for this processor. */
export function interpreterOf(head: Uint8Array, arch: string): string | null {
  const text = String.fromCharCode(...head.subarray(0, MAX_LINE_BYTES));
  if (text.startsWith("#!")) return utf8(/^#![ \t]*([^ \t\n\0]+)/.exec(text)?.[1] ?? "");
  return text.startsWith("\x7fELF\x02\x01") ? loaderOf(head, arch) : null;
}

function loaderOf(head: Uint8Array, arch: string): string | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    // Another processor's programs may have a loader in places of their own.
    if (view.getUint16(18, true) !== MACHINES[arch]) return null;
    const [at, bytes, count] = [view.getBigUint64(32, true), view.getUint16(54, true), view.getUint16(56, true)];
    for (let index = 0; index < count; index++) {
      const entry = Number(at) + index * bytes;
      if (view.getUint32(entry, true) !== PT_INTERP) continue;
      const start = Number(view.getBigUint64(entry + 8, true));
      const end = start + Number(view.getBigUint64(entry + 32, true)) - 1;
      return end > head.length ? null : utf8(String.fromCharCode(...head.subarray(start, end)));
    }
  } catch (error) {
    // It lies beyond the head, or this is no program: the kernel decides.
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

/** Null for what is empty or no text: it cannot be asked about. */
function utf8(bytes: string): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes, (one) => one.charCodeAt(0)));
    return text === "" ? null : text;
  } catch {
    return null;
  }
}
