// Makes dist/codex for this machine: an esbuild bundle with split chunks, then `deno compile` by the very deno that runs
// this task. The only place that knows how a binary is made. `--target T` makes dist/T/codex for another system.
// `DENORT_BIN` names the target's runtime to embed where Deno's own site is out of reach. No code cache: it would live
// under a name that others can guess in a shared temp folder.
import * as esbuild from "esbuild";
import { builtinModules } from "node:module";

const root = new URL("./", import.meta.url);
/** Windows, Linux and macOS as `deno compile` names them. */
const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-pc-windows-msvc",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
] as const;
const target = targetOf(Deno.args);
const folder = target === null ? "dist/" : `dist/${target}/`;
const isWindows = (target ?? Deno.build.target).includes("windows");
const bundleFolder = new URL(`${folder}bundle/`, root);
const fileName = isWindows ? "codex.exe" : "codex";
const binary = new URL(`${folder}${fileName}`, root);
/** Compiled here and moved when it is whole, so that a build never breaks the program that somebody runs. */
const unfinished = new URL(`${folder}unfinished/${fileName}`, root);

/** Null: this machine's. */
function targetOf(args: readonly string[]): string | null {
  if (args.length === 0) return null;
  const [flag, name = ""] = args;
  if (flag === "--target" && args.length === 2 && TARGETS.some((known) => known === name)) return name;
  say(`Usage: deno task build [--target ${TARGETS.join(" | ")}]`);
  Deno.exit(2);
}

/** npm file → name beside the bundle. `.bin`, because `deno compile` takes an included `.wasm` for a module. */
const ASSETS = {
  "web-tree-sitter/web-tree-sitter.wasm": "tree-sitter.bin",
  "tree-sitter-bash/tree-sitter-bash.wasm": "tree-sitter-bash.bin",
} as const;

/** CommonJS packages ask for `require`; esbuild's shim for it sits in one shared chunk, which alone gets this. */
const REQUIRE_BANNER =
  `import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\n`;

/** Deno resolves built-in modules only by their full name. */
const builtins: esbuild.Plugin = {
  name: "node-builtins",
  setup(build): void {
    const names = new Set(builtinModules);
    build.onResolve(
      { filter: /^[a-z_/]+$/ },
      ({ path }) => names.has(path) ? { path: `node:${path}`, external: true } : null,
    );
  },
};

/**
 * Bundled npm code counts as the program's own, where `setTimeout` is the web's and answers a number with no `unref`.
 * Files that want `unref` get the timers of Node instead.
 */
const nodeTimers: esbuild.Plugin = {
  name: "node-timers",
  setup(build): void {
    build.onLoad({ filter: /[/\\]node_modules[/\\].*\.m?js$/ }, async ({ path }) => {
      const text = await Deno.readTextFile(path);
      if (!/\.unref\b/.test(text) || !/\bset(Timeout|Interval)\(/.test(text)) return null;
      const names = "{ setTimeout, setInterval, clearTimeout, clearInterval }";
      const isModule = /^\s*(import|export)\b/m.test(text);
      const head = isModule ? `import ${names} from "node:timers";` : `const ${names} = require("node:timers");`;
      return { contents: `${head}\n${text}`, loader: "js" };
    });
  },
};

async function bundle(): Promise<void> {
  await Deno.remove(bundleFolder, { recursive: true }).catch(() => {}); // absent on a fresh clone
  await Deno.mkdir(new URL("assets/", bundleFolder), { recursive: true });
  const result = await esbuild.build({
    entryPoints: { main: new URL("main.ts", root).pathname },
    outdir: bundleFolder.pathname,
    absWorkingDir: root.pathname,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    define: { CODEX_ASSET_FOLDER: '"./assets/"' },
    plugins: [builtins, nodeTimers],
    write: false,
    logLevel: "warning",
  });
  for (const file of result.outputFiles) {
    const text = file.text.includes("Dynamic require of") ? REQUIRE_BANNER + file.text : file.text;
    await Deno.writeTextFile(file.path, text);
  }
  for (const [source, name] of Object.entries(ASSETS)) {
    await Deno.copyFile(new URL(import.meta.resolve(source)), new URL(`assets/${name}`, bundleFolder));
  }
}

/**
 * The sandbox's helper for machines without bubblewrap: `bwrap` from Debian's package of that name, as apt verifies it.
 * `BWRAP_PACKAGE` names a .deb to take it from instead, or is `none`. A build that has none says so and goes on.
 */
async function addBwrap(): Promise<void> {
  const named = Deno.env.get("BWRAP_PACKAGE");
  // Debian's package is for this machine's kind of processor.
  if (Deno.build.os !== "linux" || target !== null && target !== Deno.build.target) return;
  if (named === "none") return say("without a bundled bubblewrap, as asked");
  const folder = await Deno.makeTempDir({ prefix: "codex-build-" });
  try {
    if (named === undefined) await output("apt-get", ["download", "bubblewrap"], folder);
    const found = (await Array.fromAsync(Deno.readDir(folder))).find(({ name }) => name.endsWith(".deb"))?.name;
    const archive = await output("dpkg-deb", ["--fsys-tarfile", named ?? `${folder}/${found}`], folder);
    await Deno.writeFile(`${folder}/package.tar`, archive);
    const program = await output("tar", ["-xOf", "package.tar", "./usr/bin/bwrap"], folder);
    await Deno.writeFile(new URL("assets/bwrap.bin", bundleFolder), program);
    say(`with bubblewrap from ${named ?? found} (LGPL-2.0-or-later)`);
  } catch (error) {
    if (named !== undefined) {
      say(`Cannot take bubblewrap from BWRAP_PACKAGE "${named}": ${error instanceof Error ? error.message : error}`);
      Deno.exit(1);
    }
    say(`NOTE: without a bundled bubblewrap: ${error instanceof Error ? error.message : error}`);
    say("It comes from Debian's package; set BWRAP_PACKAGE to a bubblewrap .deb, or to none to be silent about it");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function output(program: string, args: readonly string[], cwd: string): Promise<Uint8Array> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], cwd }).output();
  if (success) return stdout;
  throw new Error(`${program} ${args[0]}: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`);
}

async function compile(): Promise<void> {
  const args = [
    "compile",
    "-A",
    "--unstable-net",
    "--v8-flags=--expose-gc",
    "--quiet",
    "--no-check",
    "--no-config",
    "--no-lock",
  ];
  if (target !== null) args.push("--target", target);
  args.push(
    "--node-modules-dir=none",
    "--no-code-cache",
    "--include",
    "assets",
    "--output",
    unfinished.pathname,
    "main.js",
  );
  await Deno.remove(new URL("./", unfinished), { recursive: true }).catch(() => {}); // absent after a good build
  await Deno.mkdir(new URL("./", unfinished), { recursive: true });
  const { success, code } = await new Deno.Command(Deno.execPath(), { args, cwd: bundleFolder, stdin: "null" }).spawn()
    .status;
  if (!success) {
    say(`Cannot compile ${binary.pathname}: deno compile ended with ${code}`);
    say("Where Deno's site is out of reach, set DENORT_BIN to the target's denort of this deno's version");
    Deno.exit(1);
  }
  if (isWindows) await mendImageSize(unfinished);
  await Deno.rename(unfinished, binary);
  await Deno.remove(new URL("./", unfinished), { recursive: true });
}

/**
 * A runtime that carried a program before keeps the image size of that one, and a larger program then lies outside of
 * what Windows maps: the last section and the image get the sizes that they have. Source: the PE format.
 */
async function mendImageSize(program: URL): Promise<void> {
  const bytes = await Deno.readFile(program);
  const view = new DataView(bytes.buffer);
  const header = view.getUint32(0x3c, true);
  const sections = header + 24 + view.getUint16(header + 20, true);
  const last = sections + 40 * (view.getUint16(header + 6, true) - 1);
  const pages = (size: number): number => Math.ceil(size / 0x1000) * 0x1000;
  const size = pages(Math.max(view.getUint32(last + 8, true), view.getUint32(last + 16, true)));
  view.setUint32(last + 8, size, true);
  view.setUint32(header + 24 + 56, pages(view.getUint32(last + 12, true) + size), true);
  await Deno.writeFile(program, bytes);
}

async function report(): Promise<void> {
  const bytes = await Deno.readFile(binary);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  say(`${binary.pathname}  ${(bytes.length / 1e6).toFixed(1)} MB`);
  say(`sha256  ${sha256}`);
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

await bundle();
await esbuild.stop();
await addBwrap();
await compile();
await report();
