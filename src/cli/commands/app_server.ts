// `codex app-server`: the agent for clients on stdio or a WebSocket, until its input ends or a signal comes.
import { loadAuthPolicy } from "../../auth/policy.ts";
import { CodexError } from "../../base/errors.ts";
import { readText } from "../../host/files.ts";
import type { CliContext } from "../command.ts";
import { composeServer } from "../compose.ts";
import type { AppServerArgs } from "../high_args.ts";
import { hasColour } from "../style.ts";

/** When an operator is told what is wrong with configuration and machine, if no client came before. */
const WARNINGS_AFTER_MS = 250;

export async function runAppServer(args: AppServerArgs, context: CliContext): Promise<number> {
  const [listen] = args.listen;
  if (listen === undefined || listen.kind !== "stdio" && listen.kind !== "websocket") {
    // wire:
    throw new CodexError("USAGE", "no transport configured; use --listen or enable remote control");
  }
  // Loaded while the rest is put together.
  const listening = listen.kind === "stdio" ? null : loadListener();
  const auth = await loadAuthPolicy(args.auth, readText);
  const house = await composeServer({
    config: args.config,
    context,
    brokenConfig: "warn",
    log: "stderr",
    onWarning({ summary, details }): void {
      context.printStderr(`warning: ${summary}${details ? ` (${details})` : ""}\n`);
    },
  });
  let warningsTimer: ReturnType<typeof setTimeout> | undefined;
  try {
    if (listen.kind === "stdio") {
      if (args.auth !== null) context.printStderr("warning: --ws-auth has no effect on stdio\n");
      const { runStdioServer } = await import("../../server/listen_stdio.ts");
      return await runStdioServer({ server: house.server });
    }
    const [{ runWebSocketServer }, { serverBanner }] = await (listening ?? loadListener());
    const colour = hasColour(context.isStderrTerminal, context.environment);
    return await runWebSocketServer({
      server: house.server,
      hostname: listen.host,
      port: listen.port,
      auth,
      onListening({ hostname, port }): void {
        context.printStderr(serverBanner({ hostname, port, authenticated: args.auth !== null, colour }));
        // The first client is answered before the disk is searched for what may be wrong.
        warningsTimer = setTimeout(() => house.lookForWarnings(), WARNINGS_AFTER_MS);
      },
      onDraining(threads, boundMs): void {
        const turns = threads === 1 ? "a running turn" : `running turns of ${threads} threads`;
        context.printStderr(`waiting up to ${boundMs / 1000} s for ${turns}; a second signal ends now\n`);
      },
    });
  } finally {
    clearTimeout(warningsTimer);
    await house.close();
  }
}

function loadListener(): Promise<
  [typeof import("../../server/listen_websocket.ts"), typeof import("../../server/banner.ts")]
> {
  return Promise.all([import("../../server/listen_websocket.ts"), import("../../server/banner.ts")]);
}
