// Protocol values for tests of clients and screens: small, complete, and shaped like the recorded ones.
import type { ThreadItem } from "../../src/protocol/types/item.ts";
import type { Thread, ThreadStartResponse } from "../../src/protocol/types/thread.ts";
import type { Turn, TurnStatus } from "../../src/protocol/types/turn.ts";

export const THREAD_ID = "01a204b9-d857-7d80-a095-68abc9282981";
export const FOLDER = "/home/user/project";

export function sampleThread(turns: Turn[] = [], change: Partial<Thread> = {}): Thread {
  return {
    id: THREAD_ID,
    forkedFromId: null,
    preview: "",
    ephemeral: false,
    modelProvider: "mock",
    createdAt: 1795375618,
    updatedAt: 1795375618,
    status: { type: "idle" },
    path: null,
    cwd: FOLDER,
    cliVersion: "0.120.0",
    source: "vscode",
    agentNickname: null,
    agentRole: null,
    gitInfo: null,
    name: null,
    turns,
    ...change,
  };
}

export function sampleStart(
  thread: Thread = sampleThread(),
  change: Partial<ThreadStartResponse> = {},
): ThreadStartResponse {
  return {
    thread,
    model: "gpt-5.4",
    modelProvider: "mock",
    serviceTier: null,
    cwd: FOLDER,
    approvalPolicy: "on-request",
    approvalsReviewer: "user",
    sandbox: { type: "workspaceWrite" },
    reasoningEffort: null,
    ...change,
  };
}

export function sampleTurn(id: string, status: TurnStatus, items: ThreadItem[] = []): Turn {
  return { id, items, status, error: null, startedAt: null, completedAt: null, durationMs: null };
}

export function userItem(text: string, id = `user-${text}`): ThreadItem {
  return { type: "userMessage", id, content: [{ type: "text", text, text_elements: [] }] };
}

export function agentItem(text: string, id = "agent", phase: "commentary" | "final_answer" | null = null): ThreadItem {
  return { type: "agentMessage", id, text, phase, memoryCitation: null };
}

export type CommandItem = Extract<ThreadItem, { type: "commandExecution" }>;
export type PatchItem = Extract<ThreadItem, { type: "fileChange" }>;

export function commandItem(command: string, change: Partial<CommandItem> = {}): CommandItem {
  return {
    type: "commandExecution",
    id: "call",
    command: `/bin/bash -lc '${command}'`,
    cwd: FOLDER,
    processId: "4242",
    source: "unifiedExecStartup",
    status: "completed",
    commandActions: [{ type: "unknown", command }],
    aggregatedOutput: null,
    exitCode: 0,
    durationMs: 0,
    ...change,
  };
}

export function patchItem(change: Partial<PatchItem> = {}): PatchItem {
  return {
    type: "fileChange",
    id: "patch",
    changes: [{ path: `${FOLDER}/notes.md`, kind: { type: "add" }, diff: "# Notes\n\nhello\n" }],
    status: "completed",
    ...change,
  };
}
