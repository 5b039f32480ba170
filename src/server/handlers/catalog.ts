// What the server offers and who it is: account/read, model/list, skills/list, config/read. Each is another room's
// answer, passed on.
import type { Handlers } from "../handler.ts";

export const catalogHandlers = {
  "account/read": (params, { services }) => services.account.read(params),
  "model/list": (params, { services }) => services.models.list(params),
  "skills/list": (params, { services }) => services.skills.list(params),
  "config/read": (params, { services }) => services.config.read(params),
} satisfies Partial<Handlers>;
