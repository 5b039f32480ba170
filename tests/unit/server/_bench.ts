import { createAppServer } from "../../../src/server/app_server.ts";
import { startWebSocketServer } from "../../../src/server/listen_websocket.ts";
import { OPEN } from "../../../src/auth/policy.ts";
import { FakeAgent } from "../../conversations/fake_agent.ts";
import { fakeServices } from "../../conversations/fake_services.ts";
import { listModels } from "../../../src/model/catalog.ts";
const app = createAppServer({ ...fakeServices([], (p) => new FakeAgent(p)), models: { list: listModels } });
const l = startWebSocketServer({ server: app, hostname: "127.0.0.1", port: 0, auth: OPEN });
console.error(l.url);
