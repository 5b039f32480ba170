// windowsSandbox/setupStart: answered at once; how it ended is told to whoever asked.
import { CodexError, messageOf } from "../../base/errors.ts";
import type { ResultOf } from "../../protocol/client_requests.ts";
import type { Handlers } from "../handler.ts";

export const windowsSandboxHandlers = {
  "windowsSandbox/setupStart"({ mode }, { services, broadcast, connection, hold, afterResponse }): ResultOf<
    "windowsSandbox/setupStart"
  > {
    hold();
    afterResponse(async () => {
      const error = await services.windowsSandbox.setUp(mode).then(() => null, failureText);
      if (error !== null) services.log.for("server").warn("Setup of the Windows sandbox failed", { mode, error });
      broadcast.toOne(connection, {
        method: "windowsSandbox/setupCompleted",
        params: { mode, success: error === null, error },
      });
    });
    return { started: true };
  },
} satisfies Partial<Handlers>;

/** A person reads it. */
function failureText(error: unknown): string {
  const hint = error instanceof CodexError && error.hint !== undefined ? `. ${error.hint}` : "";
  return `${messageOf(error)}${hint}`;
}
