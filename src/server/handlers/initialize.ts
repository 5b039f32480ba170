// initialize: who the client is and what it wants to hear. Everything else waits for it (router.ts).
import { messageOf } from "../../base/errors.ts";
import { alreadyInitialized, invalidClientName, RequestRejected } from "../error_map.ts";
import type { ResultOf } from "../../protocol/client_requests.ts";
import type { Handlers } from "../handler.ts";
import { isHeaderValue, userAgent } from "../user_agent.ts";

export const initializeHandlers = {
  "initialize"(params, context): ResultOf<"initialize"> {
    const { connection, services, broadcast, originator } = context;
    if (connection.session !== null) throw new RequestRejected(alreadyInitialized());
    const { name, version } = params.clientInfo;
    if (!isHeaderValue(name)) throw new RequestRejected(invalidClientName(name));
    originator.name ??= name;
    connection.session = {
      name,
      version,
      experimentalApi: params.capabilities?.experimentalApi ?? false,
      optOuts: new Set(params.capabilities?.optOutNotificationMethods ?? []),
    };
    services.audit.record({
      event: "initialized",
      connectionId: connection.id,
      clientName: name,
      clientVersion: version,
    });
    services.log.for("server").info("Client introduced itself", { connectionId: connection.id, client: name, version });
    const agent = userAgent(originator.name, services.info, { name, version });
    originator.userAgent = agent;
    // What other clients cause is heard from now on, but not before the answer.
    context.hold();
    context.afterResponse(async () => {
      for (const warning of await services.configWarnings()) {
        broadcast.toOne(connection, { method: "configWarning", params: warning });
      }
      // It takes seconds: nothing waits for it.
      services.windowsSandbox.findWorldWritable().then(
        (params) => params && broadcast.toOne(connection, { method: "windows/worldWritableWarning", params }),
        (error: unknown) =>
          services.log.for("server").warn("Cannot look for open folders", { error: messageOf(error) }),
      );
    });
    return {
      userAgent: agent,
      codexHome: services.info.codexHome,
      platformFamily: services.info.platformFamily,
      platformOs: services.info.platformOs,
    };
  },
} satisfies Partial<Handlers>;
