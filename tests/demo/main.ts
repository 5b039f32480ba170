// `deno task demo`: the main job with no account and no key. An app server on a loopback WebSocket behind a fresh
// capability token, a scripted stand-in for the model, a small git workspace in a temporary folder, and the
// terminal UI on top. Without a terminal it plays one turn by itself and exits 0 only if every step happened.
//
// Usage: deno task demo [path of a codex binary]    (default: run from source)

import { codexCommand } from "../support/codex_under_test.ts";
import { startWebSocketServer } from "../support/json_rpc.ts";
import { DEMO_FILE, demoScript } from "../support/model_script.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import type { CommandLine } from "../support/process.ts";
import { run } from "../support/process.ts";
import { ensureTools } from "../support/tools.ts";
import { playOneTurn } from "./one_turn.ts";

const TOKEN_VARIABLE = "CODEX_DEMO_TOKEN";

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

async function main(): Promise<number> {
  await ensureTools(["git", ...(Deno.build.os === "linux" ? ["bwrap"] : [])], say);
  await using cleanup = new AsyncDisposableStack();
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "codex-demo-" }));
  cleanup.defer(() => Deno.remove(folder, { recursive: true }));

  const model = await startModelStandIn({ script: demoScript });
  cleanup.defer(() => model.close());
  const workspace = await makeWorkspace(`${folder}/workspace`);
  const home = await makeHome(`${folder}/home`, { baseUrl: model.baseUrl, workspace });
  const token = await makeToken(`${folder}/token`);

  const codex = givenCommand();
  const env = { ...Deno.env.toObject(), CODEX_HOME: home };
  const { server, url } = await startWebSocketServer(codex, {
    cwd: workspace,
    env,
    args: ["--ws-auth", "capability-token", "--ws-token-file", `${folder}/token`],
  });
  cleanup.use(server);

  say("");
  say("This demo uses no model: a SCRIPTED STAND-IN answers on loopback, whatever you type.");
  say(`  app server   ${url} (needs a capability token, made for this run)`);
  say(`  stand-in     ${model.baseUrl}`);
  say(`  workspace    ${workspace} (a git repository, removed at the end)`);
  say("");

  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) {
    return await playOneTurn({ url, token, workspace });
  }
  say("Type a request and press Enter; approve the patch with y; leave with /quit.");
  const code = await attach(codex, { url, cwd: workspace, env: { ...env, [TOKEN_VARIABLE]: token } });
  say("");
  say("Demo over: the server is stopped and the temporary folder is gone.");
  return code;
}

function givenCommand(): CommandLine {
  const given = Deno.args[0];
  if (given === undefined) return codexCommand();
  return { command: Deno.realPathSync(given), args: [] };
}

/** Runs the terminal UI on this terminal until the user leaves. */
async function attach(
  codex: CommandLine,
  options: { url: string; cwd: string; env: Record<string, string> },
): Promise<number> {
  // The UI owns the keyboard: Ctrl-C must reach it and not end this process first.
  const ignore = (): void => {};
  Deno.addSignalListener("SIGINT", ignore);
  try {
    const child = new Deno.Command(codex.command, {
      args: [...codex.args, "--remote", options.url, "--remote-auth-token-env", TOKEN_VARIABLE],
      cwd: options.cwd,
      env: options.env,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    return (await child.status).code;
  } finally {
    Deno.removeSignalListener("SIGINT", ignore);
  }
}

async function makeWorkspace(path: string): Promise<string> {
  await Deno.mkdir(path);
  await Deno.writeTextFile(`${path}/${DEMO_FILE}`, "# To do\n\n- [x] start the app server\n- [ ] say what you want\n");
  await Deno.writeTextFile(`${path}/README.md`, "# Demo workspace\n\nMade by `deno task demo`.\n");
  const author = ["-c", "user.name=Demo", "-c", "user.email=demo@example.com"];
  for (const args of [["init", "-q", "-b", "main"], ["add", "."], [...author, "commit", "-q", "-m", "start"]]) {
    const result = await run({ command: "git", args }, { cwd: path });
    if (result.code !== 0) throw new Error(`Cannot make the workspace: git: ${result.stderr.trim()}`);
  }
  return path;
}

/** The sandbox is read-only here, so that commands show it and every patch needs an approval. */
async function makeHome(path: string, options: { baseUrl: string; workspace: string }): Promise<string> {
  await Deno.mkdir(path);
  await Deno.writeTextFile(
    `${path}/config.toml`,
    [
      // The name decides which tools are offered (the patch tool is not, to models nobody knows); the stand-in plays
      // that part whatever the name.
      'model = "gpt-5.4"',
      'model_provider = "demo"',
      'approval_policy = "on-request"',
      'sandbox_mode = "read-only"',
      "",
      "[model_providers.demo]",
      'name = "scripted stand-in (not a model)"',
      `base_url = "${options.baseUrl}"`,
      'wire_api = "responses"',
      "",
      `[projects."${options.workspace}"]`,
      'trust_level = "trusted"',
      "",
    ].join("\n"),
  );
  return path;
}

/** Writes a fresh capability token that only this user can read. */
async function makeToken(path: string): Promise<string> {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const token = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  await Deno.writeTextFile(path, `${token}\n`, { mode: 0o600, createNew: true });
  return token;
}

try {
  Deno.exitCode = await main();
} catch (error) {
  say(`demo: ${error instanceof Error ? error.message : String(error)}`);
  Deno.exitCode = 1;
}
