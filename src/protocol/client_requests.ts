// THE TABLE of client → server requests: one row says everything that is true of a method.
// Types, validation, ordering lanes, the handler map, the typed client and METHODS.md are derived from it.
import type { Static, TSchema } from "typebox";
import { ConfigReadParams, ConfigReadResponse } from "./types/config.ts";
import { GetAccountParams, GetAccountResponse } from "./types/account.ts";
import { InitializeParams, InitializeResponse } from "./types/initialize.ts";
import { ModelListParams, ModelListResponse } from "./types/model.ts";
import { SkillsListParams, SkillsListResponse } from "./types/skills.ts";
import {
  ThreadListParams,
  ThreadListResponse,
  ThreadLoadedListParams,
  ThreadLoadedListResponse,
  ThreadReadParams,
  ThreadReadResponse,
  ThreadResumeParams,
  ThreadResumeResponse,
  ThreadStartParams,
  ThreadStartResponse,
  ThreadUnsubscribeParams,
  ThreadUnsubscribeResponse,
} from "./types/thread.ts";
import {
  TurnInterruptParams,
  TurnInterruptResponse,
  TurnStartParams,
  TurnStartResponse,
  TurnSteerParams,
  TurnSteerResponse,
} from "./types/turn.ts";
import { WindowsSandboxSetupStartParams, WindowsSandboxSetupStartResponse } from "./types/windows_sandbox.ts";

/** Where a request waits for others: `none` runs at once; `exclusive` alone on its connection; `thread` in order per thread id. */
export type Lane = "none" | "exclusive" | "thread";

/** `experimental` methods need `capabilities.experimentalApi` at `initialize`. */
export type Stability = "stable" | "experimental";

export interface RequestRow<P extends TSchema = TSchema, R extends TSchema = TSchema> {
  readonly params: P;
  readonly result: R;
  readonly lane: Lane;
  readonly stability: Stability;
  /** Param fields that need `capabilities.experimentalApi`. */
  readonly experimentalFields?: readonly string[];
  /** Param fields that are checked and then make no difference in this version. */
  readonly unusedFields?: readonly string[];
  readonly doc: string;
}

function row<P extends TSchema, R extends TSchema>(
  params: P,
  result: R,
  lane: Lane,
  doc: string,
  rest: Partial<Pick<RequestRow, "stability" | "experimentalFields" | "unusedFields">> = {},
): RequestRow<P, R> {
  return { params, result, lane, doc, stability: "stable", ...rest };
}

export const clientRequests = {
  "initialize": row(
    InitializeParams,
    InitializeResponse,
    "exclusive",
    "Opens the conversation: who the client is and what it can do.",
  ),
  "account/read": row(
    GetAccountParams,
    GetAccountResponse,
    "none",
    "Who the server is to the model provider, and whether it must sign in.",
    { unusedFields: ["refreshToken"] },
  ),
  "model/list": row(ModelListParams, ModelListResponse, "none", "The models that can be chosen, a page at a time."),
  "skills/list": row(
    SkillsListParams,
    SkillsListResponse,
    "none",
    "The skills found for each working directory, looked for anew each time.",
    { unusedFields: ["forceReload"] },
  ),
  "config/read": row(
    ConfigReadParams,
    ConfigReadResponse,
    "none",
    "The effective configuration, with the layer each value came from.",
  ),
  "thread/start": row(
    ThreadStartParams,
    ThreadStartResponse,
    "none",
    "Makes a thread and subscribes the caller to it.",
    {
      experimentalFields: ["dynamicTools", "experimentalRawEvents", "mockExperimentalField", "persistExtendedHistory"],
      unusedFields: [
        "dynamicTools",
        "experimentalRawEvents",
        "mockExperimentalField",
        "persistExtendedHistory",
        "serviceName",
        "sessionStartSource",
      ],
    },
  ),
  "thread/resume": row(
    ThreadResumeParams,
    ThreadResumeResponse,
    "thread",
    "Loads a stored thread, subscribes the caller and returns its turns.",
    {
      experimentalFields: ["history", "path", "persistExtendedHistory"],
      unusedFields: ["persistExtendedHistory"],
    },
  ),
  "thread/read": row(
    ThreadReadParams,
    ThreadReadResponse,
    "none",
    "A thread as stored, without loading it or subscribing.",
  ),
  "thread/list": row(ThreadListParams, ThreadListResponse, "none", "Stored threads, newest first, a page at a time."),
  "thread/loaded/list": row(ThreadLoadedListParams, ThreadLoadedListResponse, "none", "Ids of the threads in memory."),
  "thread/unsubscribe": row(
    ThreadUnsubscribeParams,
    ThreadUnsubscribeResponse,
    "thread",
    "Stops the caller's notifications of a thread.",
  ),
  "turn/start": row(
    TurnStartParams,
    TurnStartResponse,
    "thread",
    "Gives user input to a thread; the answer carries the new turn.",
    {
      experimentalFields: ["collaborationMode", "responsesapiClientMetadata"],
      unusedFields: ["responsesapiClientMetadata"],
    },
  ),
  "turn/steer": row(
    TurnSteerParams,
    TurnSteerResponse,
    "thread",
    "Adds input to the running turn at its next safe point.",
    {
      experimentalFields: ["responsesapiClientMetadata"],
      unusedFields: ["responsesapiClientMetadata"],
    },
  ),
  "turn/interrupt": row(
    TurnInterruptParams,
    TurnInterruptResponse,
    "thread",
    "Ends the running turn; answered once it has ended.",
  ),
  "windowsSandbox/setupStart": row(
    WindowsSandboxSetupStartParams,
    WindowsSandboxSetupStartResponse,
    "none",
    "Sets a level of the sandbox of Windows up; `windowsSandbox/setupCompleted` tells how it ended.",
    { unusedFields: ["cwd"] },
  ),
} as const satisfies Record<string, RequestRow>;

export type ClientMethod = keyof typeof clientRequests;
export type ParamsOf<M extends ClientMethod> = Static<(typeof clientRequests)[M]["params"]>;
export type ResultOf<M extends ClientMethod> = Static<(typeof clientRequests)[M]["result"]>;
