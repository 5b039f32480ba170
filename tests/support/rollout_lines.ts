// Hand-made rollout files for tests: records with sensible defaults, one JSON line each.
import type { Turn } from "../../src/protocol/types/turn.ts";
import type { RolloutItem, SessionMeta } from "../../src/store/thread_store.ts";
import { TurnHistory } from "../../src/store/turn_history.ts";

export const THREAD_ID = "01a204c0-836e-7293-b9bb-e7ed8f26df54";

/** A thread id that ends in `n`. */
export function threadId(n: number): string {
  return `01a204c0-836e-7293-b9bb-${String(n).padStart(12, "0")}`;
}

export function sessionMeta(changes: Partial<SessionMeta> = {}): SessionMeta {
  return {
    id: THREAD_ID,
    timestamp: "2026-11-22T19:34:15.161Z",
    cwd: "/tmp/ws",
    originator: "codex-tui",
    cliVersion: "0.120.0",
    source: "vscode",
    modelProvider: "mock",
    baseInstructions: "Be brief.",
    forkedFromId: null,
    git: null,
    ...changes,
  };
}

export function line(type: string, payload: object): string {
  return `${JSON.stringify({ timestamp: "2026-11-22T19:34:16.784Z", type, payload })}\n`;
}

export function event(type: string, fields: object = {}): string {
  return line("event_msg", { type, ...fields });
}

export function started(turnId: string): string {
  return event("task_started", { turn_id: turnId, started_at: 100, model_context_window: 1000 });
}

export function completed(turnId: string): string {
  return event("task_complete", { turn_id: turnId, last_agent_message: null, completed_at: 101, duration_ms: 5 });
}

export function said(message: string): string {
  return event("user_message", { message, images: [], local_images: [], text_elements: [] });
}

export function answered(message: string): string {
  return event("agent_message", { message, phase: null, memory_citation: null });
}

export function metaLine(fields: object = {}): string {
  return line("session_meta", {
    id: THREAD_ID,
    timestamp: "2026-11-22T19:34:15.161Z",
    cwd: "/tmp/ws",
    originator: "codex-tui",
    cli_version: "0.120.0",
    source: "vscode",
    model_provider: "mock",
    base_instructions: { text: "Be brief." },
    ...fields,
  });
}

/** The turns in records, as a thread is shown after it was loaded. */
export function turnsFromRollout(records: Iterable<RolloutItem>): Turn[] {
  const history = new TurnHistory();
  for (const record of records) history.take(record);
  return history.turns();
}
