// Runs `codex` as if this were a Mac, as far as that can be told from inside: its name, no /proc and no GNU C library.
// What is asked of macOS' own C library goes to this system's under the names that it has here, so calls work and numbers
// of requests mean nothing. The last line of standard error says which libraries were opened.
const build = { ...Deno.build, os: "darwin" as const, vendor: "apple", target: "x86_64-apple-darwin" };
Object.defineProperty(Deno, "build", { value: build });

const LIBRARY = "/usr/lib/libSystem.B.dylib";
const NAMES: Readonly<Record<string, string>> = { "select$DARWIN_EXTSN": "select", "__error": "__errno_location" };
const opened = new Set<string>();
const dlopen = Deno.dlopen;

Deno.dlopen = ((name: string, symbols: Record<string, Deno.ForeignFunction>) => {
  opened.add(name);
  if (name !== LIBRARY) throw new Error(`Could not open library: dlopen(${name}): no such file`);
  const here = Object.entries(symbols).map(([key, symbol]) => {
    const asked = symbol.name ?? key;
    return [key, { ...symbol, name: NAMES[asked] ?? asked }] as const;
  });
  return dlopen("libc.so.6", Object.fromEntries(here));
}) as typeof Deno.dlopen;

for (const name of ["readFileSync", "readTextFileSync", "readDirSync", "statSync", "lstatSync"] as const) {
  const real = Deno[name] as (path: string | URL, ...rest: unknown[]) => unknown;
  const fake = (path: string | URL, ...rest: unknown[]): unknown => {
    if (String(path).startsWith("/proc")) throw new Deno.errors.NotFound(`No such file: ${path}`);
    return real(path, ...rest);
  };
  Object.defineProperty(Deno, name, { value: fake });
}
for (const name of ["readFile", "readTextFile", "stat", "lstat", "realPath"] as const) {
  const real = Deno[name] as (path: string | URL, ...rest: unknown[]) => Promise<unknown>;
  const fake = (path: string | URL, ...rest: unknown[]): Promise<unknown> =>
    String(path).startsWith("/proc")
      ? Promise.reject(new Deno.errors.NotFound(`No such file: ${path}`))
      : real(path, ...rest);
  Object.defineProperty(Deno, name, { value: fake });
}

const exit = Deno.exit;
Deno.exit = (code): never => {
  Deno.stderr.writeSync(new TextEncoder().encode(`opened: ${[...opened].join(" ")}\n`));
  return exit(code);
};

await import("../../main.ts");
