// What this process was started with, byte for byte: the runtime's own view replaces what is not UTF-8. Texts are those
// of base/os_string. Source: proc(5), /proc/self/cmdline and /proc/self/environ.
import { decodeOsBytes } from "../base/os_string.ts";

/** The last `count` of the arguments. Falls back to the runtime's view where there is no /proc. */
export function lastArguments(count: number): readonly string[] {
  const all = nulSeparated("/proc/self/cmdline") ?? Deno.args;
  return count === 0 ? [] : all.slice(-count);
}

/** Each entry is `NAME=value`, in its order, also when it has no `=` or a name comes twice. */
export function startEnvironment(): readonly string[] {
  return nulSeparated("/proc/self/environ") ?? Object.entries(Deno.env.toObject()).map(([k, v]) => `${k}=${v}`);
}

/** The entries with `changes` made; null takes a variable away. */
export function changedEnvironment(
  entries: readonly string[],
  changes: Readonly<Record<string, string | null>>,
): readonly string[] {
  const names = Object.keys(changes);
  const kept = entries.filter((entry) => !names.some((name) => entry.startsWith(`${name}=`)));
  const set = Object.entries(changes).filter(([, value]) => value !== null);
  return [...kept, ...set.map(([name, value]) => `${name}=${value}`)];
}

function nulSeparated(path: string): string[] | null {
  // Elsewhere a folder of that name says nothing of us.
  if (Deno.build.os !== "linux") return null;
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch {
    return null;
  }
  const texts: string[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0, from);
    const to = end < 0 ? bytes.length : end;
    texts.push(decodeOsBytes(bytes.subarray(from, to)));
    from = to + 1;
  }
  return texts;
}
