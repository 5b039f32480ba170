// What the agent's events say to the operator: turns that begin and end, tokens that the model counted, commands that
// ran. The events themselves go on unchanged.
import type { AgentEvent, EventNote, EventSink } from "../agent/events.ts";
import type { Log } from "../base/log.ts";
import type { Audit } from "./audit.ts";
import type { Metrics } from "./metrics.ts";

export interface Observers {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly audit: Audit;
}

export function observeEvents(sink: EventSink, { log, metrics, audit }: Observers): EventSink {
  /** Tokens of the whole thread as they were told last. */
  const totals = new Map<string, number>();

  /** Totals are told again at the start of a turn: only a change is an answer of the model. */
  function isNews(threadId: string, total: number, last: number): boolean {
    const known = totals.get(threadId);
    totals.set(threadId, total);
    return known === undefined ? total === last : total !== known;
  }

  return {
    pace: (threadId) => sink.pace?.(threadId),
    emit(threadId: string, event: AgentEvent, note?: EventNote): void {
      sink.emit(threadId, event, note);
      switch (event.method) {
        case "turn/started":
          metrics.turnStarted();
          return log.info("Turn started", { threadId, turnId: event.params.turn.id });
        case "turn/completed": {
          const { id, status } = event.params.turn;
          metrics.turnEnded(status);
          return log.info("Turn ended", { threadId, turnId: id, status });
        }
        case "thread/tokenUsage/updated": {
          const { last, total } = event.params.tokenUsage;
          if (!isNews(threadId, total.totalTokens, last.totalTokens)) return;
          metrics.modelTokens({
            input: last.inputTokens,
            cachedInput: last.cachedInputTokens,
            output: last.outputTokens,
          });
          return;
        }
        case "item/completed": {
          const { item, turnId } = event.params;
          if (item.type !== "commandExecution") return;
          const { command, cwd, status, exitCode, durationMs } = item;
          const sandbox = note?.sandbox ?? "not run";
          audit.record({
            event: "command",
            threadId,
            turnId,
            itemId: item.id,
            command,
            cwd,
            sandbox,
            status,
            exitCode,
            durationMs,
          });
          return log.debug("Command ended", { threadId, itemId: item.id, sandbox, status, exitCode, durationMs });
        }
        case "thread/closed":
          return void totals.delete(threadId);
        default:
          return;
      }
    },
    commandRefused(command): void {
      const outcome = { sandbox: "not run", status: "refused", exitCode: null, durationMs: null };
      audit.record({ event: "command", ...command, ...outcome });
      log.debug("Command refused", { threadId: command.threadId, itemId: command.itemId });
    },
  };
}
