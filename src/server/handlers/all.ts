// Every method of the table and its handler.
import type { Handlers } from "../handler.ts";
import { catalogHandlers } from "./catalog.ts";
import { initializeHandlers } from "./initialize.ts";
import { threadHandlers } from "./thread.ts";
import { threadListHandlers } from "./thread_list.ts";
import { turnHandlers } from "./turn.ts";
import { windowsSandboxHandlers } from "./windows_sandbox.ts";

export const handlers: Handlers = {
  ...initializeHandlers,
  ...catalogHandlers,
  ...threadHandlers,
  ...threadListHandlers,
  ...turnHandlers,
  ...windowsSandboxHandlers,
};
