// Holds the layers of src/README.md as data and fails on any import that they do not allow, on an import cycle, on
// `Deno.` or `node:` outside src/host, on a file too long without saying why, and on a main.ts that grew.
// Run by `deno task layers`. Regular expressions are enough: the formatter keeps imports in one shape.

/** Rooms by row, bottom first. A room imports from itself and from the rooms that `mayImport` names. */
export const ROWS = [
  ["base"],
  ["protocol", "rpc", "host"],
  ["config", "auth", "account", "sandbox", "workspace", "store", "exec", "model", "extensions"],
  ["agent", "client"],
  ["server", "tui"],
  ["cli"],
] as const;

export type Room = (typeof ROWS)[number][number];

/** Allowed beside the lower rows. */
const SIDEWAYS: readonly (readonly [Room, Room])[] = [
  ["exec", "sandbox"],
  ["extensions", "workspace"],
];

/** Rooms that see less than all lower rows: clients speak only the protocol; one room is read by three only. */
const CLIENT_ROOMS: readonly Room[] = ["client", "tui"];
const CLIENTS_MAY_IMPORT: readonly Room[] = ["base", "protocol", "rpc", "host", "client"];
const CONFIG_READERS: readonly Room[] = ["agent", "server", "cli"];

/** Data for reviewers, no room: only the one room that enforces it reads it. */
const PROFILES_FOLDER = "sandbox_profiles/";
const PROFILE_READER: Room = "sandbox";

const MAX_LINES = 400;
const MAX_MAIN_LINES = 40;

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export function mayImport(from: Room, to: Room): boolean {
  if (from === to) return true;
  if (SIDEWAYS.some(([a, b]) => a === from && b === to)) return true;
  if (CLIENT_ROOMS.includes(from)) return CLIENTS_MAY_IMPORT.includes(to);
  if (to === "config" && !CONFIG_READERS.includes(from)) return false;
  return rowOf(to) < rowOf(from);
}

function rowOf(room: Room): number {
  return ROWS.findIndex((row) => (row as readonly string[]).includes(room));
}

function roomOf(path: string): Room | null {
  const name = /^src\/([^/]+)\//.exec(path)?.[1] ?? "";
  const rooms: readonly string[] = ROWS.flat();
  return rooms.includes(name) ? name as Room : null; // `includes` has just shown that it is one
}

/** Comments become spaces, so that prose may name what code may not. Strings stay: imports are read from them. */
function withoutComments(text: string): string {
  return text.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\*[\s\S]*?\*\/|(^|[\s;{}(),])\/\/[^\n]*/g,
    (_whole, quoted: string | undefined, before: string | undefined) => quoted ?? before ?? " ",
  );
}

function withoutStrings(code: string): string {
  return code.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""');
}

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)"([^"\n]+)"/g;

export function importsOf(code: string): string[] {
  return [...code.matchAll(SPECIFIER)].map((match) => match[1] ?? "");
}

function resolvePath(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

/** Every broken rule, one line each; empty when the tree is sound. */
export function checkLayers(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  const graph = new Map<string, string[]>();
  for (const { path, text } of files) {
    const code = withoutComments(text);
    const specifiers = importsOf(code);
    const targets = specifiers.filter((s) => s.startsWith(".")).map((s) => resolvePath(path, s));
    graph.set(path, targets);
    problems.push(...checkRooms(path, targets), ...checkDoor(path, code, specifiers), ...checkSize(path, text));
  }
  return [...problems, ...findCycles(graph)];
}

function checkRooms(path: string, targets: readonly string[]): string[] {
  if (!path.startsWith("src/")) return [];
  const from = roomOf(path);
  if (from === null) return [`${path}: is in no room of the layer table`];
  return targets.flatMap((target) => {
    if (from === PROFILE_READER && target.startsWith(PROFILES_FOLDER)) return [];
    const to = roomOf(target);
    if (to === null) return [`${path}: imports ${target}, which is in no room`];
    if (!mayImport(from, to)) return [`${path}: ${from} may not import ${to} (${target})`];
    const privateFile = /\/_[^/]*$/.test(target) && target.replace(/[^/]*$/, "") !== path.replace(/[^/]*$/, "");
    return privateFile ? [`${path}: imports the private file ${target} of another folder`] : [];
  });
}

/** Only src/host and the files of no room (main.ts, build.ts) touch the runtime; the generator writes a file. */
const RUNTIME_USERS = ["src/protocol/generate.ts"];

function checkDoor(path: string, code: string, specifiers: readonly string[]): string[] {
  if (!path.startsWith("src/") || path.startsWith("src/host/") || RUNTIME_USERS.includes(path)) return [];
  const problems = specifiers.filter((s) => s.startsWith("node:")).map((s) => `${path}: imports ${s} outside src/host`);
  if (/\bDeno\s*\./.test(withoutStrings(code))) problems.push(`${path}: uses Deno outside src/host`);
  return problems;
}

function checkSize(path: string, text: string): string[] {
  const lines = text.split("\n").length - 1;
  if (path === "main.ts" && lines > MAX_MAIN_LINES) return [`${path}: ${lines} lines, at most ${MAX_MAIN_LINES}`];
  const first = text.slice(0, text.indexOf("\n"));
  if (lines <= MAX_LINES || /Generated|\btable\b/i.test(first)) return [];
  return [`${path}: ${lines} lines, at most ${MAX_LINES} (a table or a generated file says so on line 1)`];
}

/** One line per cycle of files, each found once, at the file where a depth-first walk closes it. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const trail: string[] = [];
  const problems: string[] = [];
  function visit(path: string): void {
    const at = trail.indexOf(path);
    if (at >= 0) {
      problems.push(`cycle: ${[...trail.slice(at), path].join(" -> ")}`);
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    for (const target of graph.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  }
  for (const path of graph.keys()) visit(path);
  return problems;
}

async function readTree(root: URL, folder: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const entry of Deno.readDir(new URL(folder, root))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) files.push(...await readTree(root, `${path}/`));
    else if (path.endsWith(".ts")) files.push({ path, text: await Deno.readTextFile(new URL(path, root)) });
  }
  return files;
}

if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  const files = await readTree(root, "src/");
  for (const path of ["main.ts", "build.ts"]) files.push({ path, text: await Deno.readTextFile(new URL(path, root)) });
  const problems = checkLayers(files).sort();
  const write = (text: string): number => Deno.stdout.writeSync(new TextEncoder().encode(text));
  for (const problem of problems) write(`${problem}\n`);
  write(
    problems.length === 0 ? `layers: ${files.length} files, no problem\n` : `layers: ${problems.length} problems\n`,
  );
  Deno.exit(problems.length === 0 ? 0 : 1);
}
