// What the server offers and who it is: account/read, model/list, skills/list, config/read. Each is another room's
// answer, passed on.
import { CodexError } from "../../base/errors.ts";
import type { ResultOf } from "../../protocol/client_requests.ts";
import { internalError, RequestRejected } from "../error_map.ts";
import type { Handlers } from "../handler.ts";

export const catalogHandlers = {
  "account/read": (params, { services }) => services.account.read(params),
  "model/list": (params, { services }) => services.models.list(params),
  "skills/list": (params, { services }) => services.skills.list(params),

  async "config/read"(params, { services }): Promise<ResultOf<"config/read">> {
    try {
      return await services.config.read(params);
    } catch (error) {
      // wire: a configuration that cannot be read is the server's failure here, the caller's in thread/start.
      if (error instanceof CodexError) throw new RequestRejected(internalError(error.message));
      throw error;
    }
  },
} satisfies Partial<Handlers>;
