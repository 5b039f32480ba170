// `codex` and `codex resume`: the terminal UI, on a server in this process or elsewhere.
import { isAbsolutePath, joinPath, normalizePath } from "../../base/absolute_path.ts";
import { CodexError } from "../../base/errors.ts";
import { type AppServerClient, createAppServerClient } from "../../client/app_server_client.ts";
import { checkRemoteAddress, connectRemote } from "../../client/connect.ts";
import { readCaCertificates } from "../../host/ca_certificates.ts";
import { systemClock } from "../../host/clock.ts";
import { findStat } from "../../host/files.ts";
import { openTerminal } from "../../host/terminal.ts";
import { VERSION } from "../../protocol/version.ts";
import { createMemoryStreamPair } from "../../rpc/memory_stream.ts";
import { runTui, type RunTuiOptions, type TuiOverrides } from "../../tui/run_tui.ts";
import type { CliContext } from "../command.ts";
import type { SessionArgs } from "../high_args.ts";
import { refuseReadFolder } from "../read_folders.ts";

const NEEDS_TERMINAL = { hint: "Run codex in a terminal; a program talks to `codex app-server` instead" } as const;

export async function runSession(args: SessionArgs, context: CliContext): Promise<number> {
  const { remote } = args;
  const address = remote === null ? null : { url: remote.url, token: remote.token ?? undefined };
  const url = address === null ? null : checkRemoteAddress(address);
  // wire:
  if (!context.isStdinTerminal) throw new CodexError("USAGE", "stdin is not a terminal", NEEDS_TERMINAL); // wire:
  if (!context.isStdoutTerminal) throw new CodexError("USAGE", "stdout is not a terminal", NEEDS_TERMINAL);
  if (address === null || url === null) return await runHere(args, context);

  // Before the network: what cannot be asked of a server elsewhere is refused without one.
  const overrides = await remoteOverrides(args);
  const caCerts = url.startsWith("wss:") ? await readCaCertificates(context.environment) : [];
  const open = async (signal?: AbortSignal): Promise<AppServerClient> =>
    createAppServerClient(await connectRemote({ ...address, caCerts }, signal));
  return await runTui({
    ...commonOptions(args, context),
    client: await open(),
    overrides,
    remote: { url, reopen: open },
    addReadFolder: refuseReadFolder,
    folder: context.folder,
  });
}

async function runHere(args: SessionArgs, context: CliContext): Promise<number> {
  const folder = await sessionFolder(args, context.folder);
  const { composeServer } = await import("../compose.ts");
  const house = await composeServer({
    config: args.config,
    context: { ...context, folder },
    brokenConfig: "fail",
    log: "file",
  });
  const { server } = house;
  try {
    const [serverEnd, clientEnd] = createMemoryStreamPair();
    void server.connect(serverEnd);
    return await runTui({
      ...commonOptions(args, context),
      client: createAppServerClient(clientEnd),
      overrides: { ...outrightOverrides(args), cwd: folder },
      remote: null,
      addReadFolder: house.addReadFolder,
      folder,
    });
  } finally {
    // Who leaves does not want the turn to go on: it is interrupted and on disk when this settles.
    await server.shutdown(AbortSignal.abort());
    await house.close();
  }
}

type CommonOptions = Pick<RunTuiOptions, "terminal" | "start" | "initialPrompt" | "version" | "environment" | "nowMs">;

function commonOptions(args: SessionArgs, context: CliContext): CommonOptions {
  return {
    terminal: openTerminal(),
    start: args.start,
    initialPrompt: args.prompt,
    version: VERSION,
    environment: context.environment,
    nowMs: systemClock.nowMs,
  };
}

/** What the command line says of the thread itself: also when an earlier session is taken up with other settings. */
function outrightOverrides({ model, approvalPolicy, sandbox }: SessionArgs): TuiOverrides {
  return {
    ...(model === null ? {} : { model }),
    ...(approvalPolicy === null ? {} : { approvalPolicy }),
    ...(sandbox === null ? {} : { sandbox }),
  };
}

/** A server elsewhere has its own configuration: it is told all that the command line sets. */
async function remoteOverrides(args: SessionArgs): Promise<TuiOverrides> {
  const { config, folder } = args;
  const { localModelSettings, overridesOf } = await import("../session_config.ts");
  const settings: Record<string, unknown> = {};
  if (config.localProvider === "detect") {
    throw new CodexError("USAGE", "Cannot look for the local model server of another machine", {
      hint: "Name it: --local-provider ollama or --local-provider lmstudio",
    });
  }
  if (config.localProvider !== null) {
    for (const { key, value } of localModelSettings(config.localProvider)) settings[key] = value;
  }
  if (config.profile !== null) settings["profile"] = config.profile;
  for (const { key, value } of overridesOf(config)) settings[key] = value;
  if (config.writableRoots.length > 0) {
    const relative = config.writableRoots.find((path) => !isAbsolutePath(path));
    if (relative !== undefined) {
      throw new CodexError("USAGE", `Cannot add the folder "${relative}" of another machine`, {
        hint: "Give its whole path there, from /",
      });
    }
    settings["sandbox_workspace_write.writable_roots"] = config.writableRoots;
  }
  return {
    ...outrightOverrides(args),
    ...(folder === null ? {} : { cwd: folder }),
    ...(Object.keys(settings).length === 0 ? {} : { config: settings }),
  };
}

/** The working folder, absolute. @throws CodexError USAGE when it is no folder. */
async function sessionFolder({ folder }: SessionArgs, current: string): Promise<string> {
  if (folder === null) return current;
  const path = isAbsolutePath(folder) ? normalizePath(folder) : joinPath(current, folder);
  const stat = await findStat(path);
  if (stat?.kind === "directory") return path;
  throw new CodexError(
    "USAGE",
    `Cannot work in "${path}": ${stat === null ? "there is no such folder" : "it is a file"}`,
    {
      hint: "Give --cd a folder that exists",
    },
  );
}
