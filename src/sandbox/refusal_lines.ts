// What programs print when the system refuses them something: which kind of refusal, of which path or host. Only reads
// text; whether the sandbox is behind it is for denial.ts to find out.
import { isAbsolutePath, joinPath } from "../base/absolute_path.ts";

export type RefusalKind =
  /** EROFS: only a mount says so. */
  | "readOnly"
  /** EACCES: a mode or an owner says so too. */
  | "denied"
  /** EPERM: so do missing privileges. */
  | "notPermitted"
  /** ENOENT: so does a path that is not there. */
  | "missing"
  /** A name that is not found, a network that cannot be reached. */
  | "network";

export interface Refusal {
  readonly kind: RefusalKind;
  /** Absolute, or null when the line names none. */
  readonly path: string | null;
  /** Null when the line names none. */
  readonly host: string | null;
  readonly line: string;
}

const WORDS: readonly (readonly [RefusalKind, RegExp])[] = [
  ["readOnly", /read-only file system|\bEROFS\b/i],
  ["network", /could not resolve host|temporary failure in name resolution|name or service not known|\bEAI_AGAIN\b/i],
  ["network", /\bENOTFOUND\b|network is unreachable|couldn't connect to server|nodename nor servname/i],
  ["notPermitted", /operation not permitted|\bEPERM\b/i],
  ["denied", /permission denied|\bEACCES\b|access is denied/i],
  ["missing", /no such file or directory|\bENOENT\b/i],
];
/** Of a long output, the end says why it failed. */
const MAX_LINES = 400;
const MAX_LINE_CHARS = 2_000;
const HOST =
  /(?:resolve host(?:name)?:?|ENOTFOUND|EAI_AGAIN|connect to|host|lookup)\s+['"]?([a-z0-9][a-z0-9.-]*\.[a-z0-9-]+|localhost)\b/i;

/** In the order of the output, each once. */
export function findRefusals(output: string, cwd: string): readonly Refusal[] {
  const found = new Map<string, Refusal>();
  for (const line of output.split(/\r?\n/).slice(-MAX_LINES).map((text) => text.slice(0, MAX_LINE_CHARS))) {
    const kind = WORDS.find(([, words]) => words.test(line))?.[0];
    if (kind === undefined) continue;
    const path = findPath(line, cwd);
    const host = HOST.exec(line)?.[1] ?? null;
    const refusal = { kind, path, host, line: line.trim() };
    const key = JSON.stringify([kind, path, host]);
    if (!found.has(key)) found.set(key, refusal);
  }
  return [...found.values()];
}

/**
 * Quoted first (`cannot touch 'x': …`, `EROFS: …, open '/x'`), then what stands before the reason (`bash: /x: …`,
 * `cannot create x: …`), then any absolute path but that of the program at the start of the line.
 */
function findPath(line: string, cwd: string): string | null {
  const quoted = [...line.matchAll(/['"`‘“]([^'"`’”]+)['"`’”]/g)].map(([, text = ""]) => text).filter(isPathLike);
  const [before = ""] = line.split(/: (?=read-only file|permission denied|operation not|no such file)/i);
  const colon = before === line ? -1 : before.lastIndexOf(": ");
  // The first word of a line is the program's name.
  const last = colon < 0 ? "" : before.slice(colon + 2);
  const named = last.includes(" ") ? last.slice(last.lastIndexOf(" ") + 1) : last;
  const anywhere = /[\s(=](\/[^\s:,;'")]+)/.exec(line)?.[1];
  const candidates = [quoted.at(-1), named.startsWith("/") ? named : undefined, anywhere, named];
  const path = candidates.find((text) => text !== undefined && isPathLike(text));
  if (path === undefined) return null;
  return isAbsolutePath(path) ? joinPath(path) : joinPath(cwd, path);
}

function isPathLike(text: string): boolean {
  return text !== "" && !/^\w+:\/\//.test(text) && /[\w/.]/.test(text) &&
    !/^(?:line|\d+)$/.test(text);
}
