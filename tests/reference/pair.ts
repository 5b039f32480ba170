// One pair of seats: a terminal UI and an app server, each either the reference's or ours, with their own
// CODEX_HOMEs, one workspace and one scripted model; or a terminal UI with the server in its process. The scenarios
// only see this.

import { codexCommand } from "../support/codex_under_test.ts";
import { startWebSocketServer } from "../support/json_rpc.ts";
import { type ModelStandIn, startModelStandIn } from "../support/model_stand_in.ts";
import type { CommandLine, RunningProcess } from "../support/process.ts";
import { LATER_VERSION, REFERENCE_VERSION, referenceCommand } from "../support/reference.ts";
import { openTerminal, type Terminal } from "../support/tmux.ts";
import { makeScratch, type Scratch, testEnv } from "../support/workspace.ts";

/** `later`: a later generation of the reference. */
export type Maker = "reference" | "ours" | "later";
/** `inProcess`: the terminal UI brings its own server, as plain `codex` does. */
export type Server = Maker | "inProcess";

/** What tells a screen of one maker's terminal UI from another: only where the facts alone do not. */
export interface Look {
  /** The approval dialog is open. */
  dialog: RegExp;
  /** An answer is streaming and Esc interrupts it. */
  streaming: RegExp;
  /** The turn was interrupted. */
  interrupted: RegExp;
  /** False: a command that ends before the next text sometimes leaves no cell (a defect of the reference's UI). */
  alwaysShowsCommands: boolean;
}

const REFERENCE_LOOK: Look = {
  dialog: /Would you like to/,
  // It draws whole lines only, and from the first line on it ignores Esc; this answer has no line end.
  streaming: /esc to interrupt/,
  interrupted: /Conversation interrupted/,
  alwaysShowsCommands: false,
};

const LOOKS: Record<Maker, Look> = {
  reference: REFERENCE_LOOK,
  later: REFERENCE_LOOK,
  ours: {
    dialog: /\(y\)/i,
    streaming: /slow-\d/,
    interrupted: /interrupted/i,
    alwaysShowsCommands: true,
  },
};

export interface Pair extends AsyncDisposable {
  client: Maker;
  server: Server;
  look: Look;
  model: ModelStandIn;
  workspace: string;
  /** A folder that no sandbox mode makes writable. */
  outside: string;
  /** The server's process and address; undefined when it is in the terminal UI's process. */
  remote: { server: RunningProcess; url: string } | undefined;
  /** Starts the server again, on the same address and home, after it has ended. */
  restartServer(): Promise<void>;
  /** Opens the terminal UI, attached to the server; `args` come first. */
  openTui(args?: string[], seat?: Seat): Promise<Terminal>;
}

/** How one terminal UI attaches, where it is not the usual way. */
export interface Seat {
  /** Instead of the server's own address. */
  url?: string;
  /** The bearer token that it sends. */
  token?: string;
}

async function commandOf(maker: Maker): Promise<CommandLine> {
  if (maker === "ours") return codexCommand();
  return await referenceCommand(maker === "later" ? LATER_VERSION : REFERENCE_VERSION);
}

/** Starts the server and the stand-in; the caller disposes the pair, which ends everything. */
export async function startPair(client: Maker, server: Server, serverArgs: string[] = []): Promise<Pair> {
  const cleanup = new AsyncDisposableStack();
  try {
    const scratch: Scratch = cleanup.use(await makeScratch());
    const model = await startModelStandIn();
    cleanup.defer(() => model.close());
    const workspace = await scratch.workspace();
    const options = { baseUrl: model.baseUrl, trusted: [workspace] };
    const serverHome = await scratch.home("server_home", options);
    const clientHome = await scratch.home("client_home", options);
    const outside = `${scratch.path}/outside`;
    await Deno.mkdir(outside);
    const serve = async (listen?: string): Promise<NonNullable<Pair["remote"]>> => {
      const where = { cwd: workspace, env: testEnv(serverHome) };
      const more = { args: serverArgs, ...(listen === undefined ? {} : { listen }) };
      const started = await startWebSocketServer(await commandOf(server === "inProcess" ? client : server), {
        ...where,
        ...more,
      });
      cleanup.use(started.server);
      return started;
    };
    const remote = server === "inProcess" ? undefined : await serve();
    const tui = await commandOf(client);
    const terminals = cleanup;
    const pair: Pair = {
      client,
      server,
      look: LOOKS[client],
      model,
      workspace,
      outside,
      remote,
      async restartServer(): Promise<void> {
        if (pair.remote !== undefined) pair.remote = await serve(pair.remote.url);
      },
      async openTui(args: string[] = [], seat: Seat = {}): Promise<Terminal> {
        const url = seat.url ?? pair.remote?.url;
        const token = seat.token === undefined ? [] : ["--remote-auth-token-env", "CODEX_TEST_TOKEN"];
        const attach = url === undefined ? [] : ["--remote", url, ...token];
        const terminal = await openTerminal(
          { command: tui.command, args: [...tui.args, ...args, ...attach] },
          {
            cwd: workspace,
            env: testEnv(clientHome, seat.token === undefined ? {} : { CODEX_TEST_TOKEN: seat.token }),
          },
        );
        return terminals.use(terminal);
      },
      [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
    };
    return pair;
  } catch (error) {
    await cleanup.disposeAsync();
    throw error;
  }
}
