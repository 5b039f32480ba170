// `codex app-server`: the agent for clients on stdio or a WebSocket, until its input ends or a signal comes.
import { loadAuthPolicy } from "../../auth/policy.ts";
import { CodexError } from "../../base/errors.ts";
import { readText } from "../../host/files.ts";
import type { CliContext } from "../command.ts";
import { composeServer } from "../compose.ts";
import type { AppServerArgs } from "../high_args.ts";
import { hasColour } from "../style.ts";

export async function runAppServer(args: AppServerArgs, context: CliContext): Promise<number> {
  const { listen } = args;
  if (listen.kind === "off") {
    // wire:
    throw new CodexError("USAGE", "no transport configured; use --listen or enable remote control");
  }
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
  try {
    if (listen.kind === "stdio") {
      if (args.auth !== null) context.printStderr("warning: --ws-auth has no effect on stdio\n");
      const { runStdioServer } = await import("../../server/listen_stdio.ts");
      return await runStdioServer({ server: house.server });
    }
    const { runWebSocketServer } = await import("../../server/listen_websocket.ts");
    const { serverBanner } = await import("../../server/banner.ts");
    const colour = hasColour(context.isStderrTerminal, context.environment);
    return await runWebSocketServer({
      server: house.server,
      hostname: listen.host,
      port: listen.port,
      auth,
      onListening({ hostname, port }): void {
        context.printStderr(serverBanner({ hostname, port, authenticated: args.auth !== null, colour }));
        house.lookForWarnings();
      },
      onDraining(threads, boundMs): void {
        const turns = threads === 1 ? "a running turn" : `running turns of ${threads} threads`;
        context.printStderr(`waiting up to ${boundMs / 1000} s for ${turns}; a second signal ends now\n`);
      },
    });
  } finally {
    await house.close();
  }
}
