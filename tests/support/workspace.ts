// Folders for tests: a small git workspace, and a CODEX_HOME whose config.toml points at the model stand-in.
// Homes lie under the user's cache folder, not under /tmp: the reference refuses to make its sandbox helpers in a
// temporary folder, and the sandbox leaves /tmp writable, so that "outside" would not be outside.

import { run } from "./process.ts";

/** The line that `%patchupd` changes. */
export const NOTES_TEXT = "first line\nsecond line\nthird line\n";

/** Where caches of the tests may live: the reference's npm package, scratch folders. */
export function cacheRoot(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/root"}/.cache`;
  return `${base}/codex-for-deno-tests`;
}

/** A scratch folder outside /tmp; `await using` removes it. */
export async function makeScratch(): Promise<Scratch> {
  const parent = `${cacheRoot()}/tmp`;
  await Deno.mkdir(parent, { recursive: true });
  return new Scratch(await Deno.realPath(await Deno.makeTempDir({ dir: parent, prefix: "t" })));
}

export class Scratch implements AsyncDisposable {
  constructor(readonly path: string) {}

  /** Makes a git repository with `notes.txt`, one commit, and returns its path. */
  async workspace(name = "ws"): Promise<string> {
    const path = `${this.path}/${name}`;
    await Deno.mkdir(path, { recursive: true });
    await Deno.writeTextFile(`${path}/notes.txt`, NOTES_TEXT);
    await Deno.writeTextFile(`${path}/README.md`, "# Workspace\n\nMade by a test.\n");
    for (
      const args of [
        ["init", "-q", "-b", "main"],
        ["add", "."],
        ["-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "start"],
      ]
    ) {
      const result = await run({ command: "git", args }, { cwd: path });
      if (result.code !== 0) throw new Error(`Cannot make a workspace: git ${args[0]}: ${result.stderr}`);
    }
    return path;
  }

  /** Makes a CODEX_HOME; `options.baseUrl` is the stand-in's. */
  async home(name: string, options: HomeOptions): Promise<string> {
    const path = `${this.path}/${name}`;
    await Deno.mkdir(path, { recursive: true });
    await Deno.writeTextFile(`${path}/config.toml`, configText(options));
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The sandbox of the reference may leave read-only mounts behind for a moment; a second try is enough.
    await Deno.remove(this.path, { recursive: true }).catch(async () => {
      await run({ command: "rm", args: ["-rf", this.path] });
    });
  }
}

export interface HomeOptions {
  baseUrl: string;
  /** Trusted project folders. */
  trusted?: string[];
  /** More lines for the top of config.toml. */
  top?: string[];
  /** More lines for the provider's table. */
  provider?: string[];
  /** More lines for the end of config.toml: whole tables. */
  tables?: string[];
}

/** config.toml for the `mock` provider; retries are few, so that failure tests end soon. */
export function configText(options: HomeOptions): string {
  return [
    'model = "gpt-5.4"',
    'model_provider = "mock"',
    "check_for_update_on_startup = false",
    ...(options.top ?? []),
    "",
    "[model_providers.mock]",
    'name = "mock"',
    `base_url = "${options.baseUrl}"`,
    'wire_api = "responses"',
    "request_max_retries = 1",
    "stream_max_retries = 2",
    ...(options.provider ?? []),
    "",
    ...(options.trusted ?? []).flatMap((path) => [`[projects."${path}"]`, 'trust_level = "trusted"', ""]),
    "[analytics]",
    "enabled = false",
    "",
    "[features]",
    "apps = false",
    "plugins = false",
    "",
    ...(options.tables ?? []),
    "",
  ].join("\n");
}

/**
 * A small, whole environment for a process under test; nothing of the developer's machine leaks in. HOME is the
 * folder around CODEX_HOME, so that a login shell reads no personal start-up files.
 */
export function testEnv(home: string, more: Record<string, string> = {}): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["PATH", "LANG", "DENO_TLS_CA_STORE", "TMPDIR"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) kept[name] = value;
  }
  return {
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    SHELL: "/bin/bash",
    ...kept,
    HOME: home.slice(0, home.lastIndexOf("/")) || "/",
    DENO_DIR: denoDir(),
    CODEX_HOME: home,
    ...more,
  };
}

/** Where this deno keeps its modules; a child with another HOME must not fetch them again. */
export function denoDir(): string {
  const given = Deno.env.get("DENO_DIR");
  if (given !== undefined && given !== "") return given;
  return `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/root"}/.cache`}/deno`;
}
