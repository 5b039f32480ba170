// The running terminal UI: one state, one connection, one screen. Actions go through `update`; the effects that come back
// are carried out here, and what they lead to comes in again as actions.
import { CodexError, messageOf } from "../base/errors.ts";
import type { AppServerClient } from "../client/app_server_client.ts";
import { findApproval } from "../client/approval.ts";
import { resumeThread, startThread, type ThreadOverrides } from "../client/open_thread.ts";
import { reconnect, type ReconnectBounds } from "../client/reconnect.ts";
import { createNotificationReader } from "../client/server_event.ts";
import type { TerminalHost } from "../host/terminal.ts";
import type { ThreadResumeResponse, ThreadStartResponse } from "../protocol/types/thread.ts";
import type { Terminal } from "@earendil-works/pi-tui";
import type { Action, Effect } from "./actions.ts";
import { BLINK_MS } from "./panes/status_row.ts";
import { isBusy, type Session, type State } from "./state.ts";
import type { Theme } from "./theme.ts";
import { update } from "./update.ts";
import { View } from "./view.ts";

export interface AppOptions {
  readonly state: State;
  readonly client: AppServerClient;
  readonly device: Terminal;
  readonly terminal: TerminalHost;
  readonly theme: Theme;
  readonly home: string | null;
  readonly overrides: ThreadOverrides;
  /** Opens a connection and introduces us on it; null when there is no second one to be had. */
  readonly reopen: ((signal: AbortSignal) => Promise<AppServerClient>) | null;
  readonly reconnectBounds: ReconnectBounds;
  /** See `RunTuiOptions`. */
  addReadFolder(path: string): Promise<string>;
  nowMs(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Outcome {
  readonly exitCode: number;
  /** Why it ended, when it was not the user's wish. */
  readonly error: string | null;
  readonly state: State;
}

const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** The farewell to the server may take this long, ms. */
const UNSUBSCRIBE_TIMEOUT_MS = 1_000;

export class App {
  readonly #options: AppOptions;
  readonly #view: View;
  readonly #read = createNotificationReader();
  readonly #ended = Promise.withResolvers<{ exitCode: number; error: string | null }>();
  readonly #stopping = new AbortController();
  #state: State;
  #client: AppServerClient;
  /** Until an answer has told how things stand, notifications are of what it will tell. */
  #muted = false;

  constructor(options: AppOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#client = options.client;
    this.#view = new View({
      device: options.device,
      theme: options.theme,
      home: options.home,
      readState: () => this.#state,
      dispatch: (action) => this.dispatch(action),
      nowMs: options.nowMs,
    });
    this.#attach(options.client);
  }

  /** Opens a thread before the screen starts. */
  open(answer: ThreadStartResponse | ThreadResumeResponse): void {
    this.dispatch({ type: "opened", ...opened(answer, this.#options.overrides), nowMs: this.#options.nowMs() });
  }

  dispatch(action: Action): void {
    const { state, effects } = update(this.#state, action);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (action.type === "thread") this.#view.refreshSoon();
    else this.#view.refresh();
  }

  /** Until the user leaves or nothing more can be done. The terminal is given back in every case. */
  async run(): Promise<Outcome> {
    const { terminal, nowMs } = this.#options;
    const stopSignals = terminal.onTerminate((signal) => this.#end(EXIT_CODES[signal], null));
    const onFault = (event: ErrorEvent | PromiseRejectionEvent): void => {
      event.preventDefault();
      this.#end(1, messageOf("reason" in event ? event.reason : event.error));
    };
    globalThis.addEventListener("error", onFault);
    globalThis.addEventListener("unhandledrejection", onFault);
    const ticker = setInterval(() => {
      if (this.#isTicking()) this.dispatch({ type: "tick", nowMs: nowMs() });
    }, BLINK_MS);
    try {
      this.#view.start();
      const ended = await this.#ended.promise;
      await this.#sayGoodbye();
      return { ...ended, state: this.#state };
    } finally {
      clearInterval(ticker);
      stopSignals();
      globalThis.removeEventListener("error", onFault);
      globalThis.removeEventListener("unhandledrejection", onFault);
      this.#stopping.abort(new Error("The terminal UI has ended"));
      await this.#giveTerminalBack();
    }
  }

  #isTicking(): boolean {
    const { connection, opening, quitArmedUntilMs, nowMs } = this.#state;
    return isBusy(this.#state) || connection.kind === "lost" || opening || nowMs < quitArmedUntilMs;
  }

  async #giveTerminalBack(): Promise<void> {
    const { device, terminal } = this.#options;
    this.#state = { ...this.#state, phase: "leaving", list: null };
    try {
      // Key releases that are still on their way must not end up in the shell.
      if (device.kittyProtocolActive) await device.drainInput(200, 30);
      this.#view.stop();
    } finally {
      terminal.leaveRawMode();
      terminal.writeStdout("\x1b[?2004l\x1b[?25h\x1b[0m");
    }
  }

  #end(exitCode: number, error: string | null): void {
    this.#ended.resolve({ exitCode, error });
  }

  async #sayGoodbye(): Promise<void> {
    const { session, connection } = this.#state;
    try {
      // On a server elsewhere a turn that runs goes on; the last unsubscribe would end it.
      const goesOn = this.#options.reopen !== null && isBusy(this.#state);
      if (session && connection.kind === "live" && !goesOn) {
        const signal = AbortSignal.timeout(UNSUBSCRIBE_TIMEOUT_MS);
        await this.#client.request("thread/unsubscribe", { threadId: session.threadId }, { signal });
      }
      await this.#client.close();
    } catch {
      // The server has gone or does not answer: leaving needs no one's leave.
    }
  }

  #attach(client: AppServerClient): void {
    this.#listen(client);
    this.#watch(client);
  }

  #listen(client: AppServerClient): void {
    client.onNotification((method, params) => {
      if (this.#muted || client !== this.#client) return;
      const notification = this.#read(method, params);
      if (notification) this.#hear({ type: "heard", notification, nowMs: this.#options.nowMs() });
    });
    client.onServerRequest((ask) => {
      const approval = client === this.#client ? findApproval(ask) : null;
      if (approval === null) return false;
      this.#hear({ type: "asked", approval });
      return true;
    });
  }

  #watch(client: AppServerClient): void {
    void client.closed.then((reason) => {
      if (client === this.#client) this.#lose(reason.reason === "" ? "the server is gone" : reason.reason);
    });
  }

  #hear(event: Extract<Action, { type: "thread" }>["event"]): void {
    this.dispatch({ type: "thread", event });
  }

  #lose(cause: string): void {
    if (this.#state.phase === "leaving") return;
    const { reopen, nowMs } = this.#options;
    if (reopen === null) return this.#end(1, `The app server has ended: ${cause}`);
    this.dispatch({ type: "connectionLost", cause, nowMs: nowMs() });
    void this.#rejoin(reopen);
  }

  async #rejoin(reopen: (signal: AbortSignal) => Promise<AppServerClient>): Promise<void> {
    const { nowMs, sleep, reconnectBounds: bounds } = this.#options;
    const { signal } = this.#stopping;
    const open = async (): Promise<AppServerClient> => {
      const client = await reopen(signal);
      this.#client = client;
      this.#listen(client);
      try {
        await this.#takeUp(client, signal);
      } catch (error) {
        await client.close();
        throw error;
      }
      // Only now: a connection that is lost before is one more attempt that failed.
      this.#watch(client);
      return client;
    };
    const onAttempt = (attempt: number, cause: string): void => {
      if (attempt > 1) this.dispatch({ type: "retrying", cause, nowMs: nowMs() });
    };
    try {
      await reconnect({ open, bounds, signal, nowMs, sleep, onAttempt });
    } catch (error) {
      if (!signal.aborted) this.#end(1, describe(error));
    }
  }

  /** Takes the thread up where it stands, over a new connection. */
  async #takeUp(client: AppServerClient, signal: AbortSignal): Promise<void> {
    const { overrides, nowMs } = this.#options;
    const threadId = this.#state.session?.threadId;
    if (threadId === undefined) return this.dispatch({ type: "reconnected", nowMs: nowMs() });
    this.#muted = true;
    try {
      const answer = await resumeThread(client, threadId, overrides, { signal });
      this.dispatch({ type: "rejoined", ...opened(answer, overrides), nowMs: nowMs() });
    } finally {
      this.#muted = false;
    }
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "startTurn":
        return this.#startTurn(effect);
      case "steer":
        return this.#steer(effect);
      case "interrupt":
        // Answered after the abort, by a server that has nothing to stop maybe never: the turn's end is what counts.
        return this.#ask(this.#client.request("turn/interrupt", { threadId: this.#threadId(), turnId: effect.turnId }));
      case "respond":
        return this.#client.respond(effect.requestId, { decision: effect.decision });
      case "setDraft":
        return this.#view.composer.setText(effect.text);
      case "remember":
        return this.#view.composer.addToHistory(effect.text);
      case "newThread":
        return this.#openThread(async () => await startThread(this.#client, this.#options.overrides));
      case "resumeThread":
        return this.#openThread(async () => await resumeThread(this.#client, effect.threadId, this.#options.overrides));
      case "addReadFolder":
        return void this.#addReadFolder(effect.path);
      case "suspend":
        return void this.#suspend();
      case "quit":
        return this.#end(0, null);
    }
  }

  async #addReadFolder(path: string): Promise<void> {
    try {
      const folder = await this.#options.addReadFolder(path);
      const text = `Sandboxed commands may read ${folder} until you leave`;
      this.dispatch({ type: "thread", event: { type: "remark", tone: "info", text } });
    } catch (error) {
      this.dispatch({ type: "failed", message: describe(error) });
    }
  }

  #threadId(): string {
    return this.#state.session?.threadId ?? "";
  }

  /** Tells when a request fails; what the connection's end does to it is told by the connection. */
  #ask(request: Promise<unknown>, onRefused?: (message: string) => void): void {
    request.catch((error: unknown) => {
      if (error instanceof CodexError && error.code === "CONNECT_FAILED") return;
      if (this.#stopping.signal.aborted) return;
      if (onRefused) onRefused(describe(error));
      else this.dispatch({ type: "failed", message: describe(error) });
    });
  }

  #startTurn({ text, choice }: Extract<Effect, { type: "startTurn" }>): void {
    const request = this.#client.request("turn/start", {
      threadId: this.#threadId(),
      input: [{ type: "text", text, text_elements: [] }],
      ...(choice ? { model: choice.model, effort: choice.effort } : {}),
    });
    this.#ask(request, (message) => this.dispatch({ type: "turnRefused", text, message }));
  }

  #steer({ text, turnId }: Extract<Effect, { type: "steer" }>): void {
    const request = this.#client.request("turn/steer", {
      threadId: this.#threadId(),
      expectedTurnId: turnId,
      input: [{ type: "text", text, text_elements: [] }],
    });
    this.#ask(request, (message) => this.dispatch({ type: "steerRefused", text, message }));
  }

  #openThread(ask: () => Promise<ThreadStartResponse | ThreadResumeResponse>): void {
    const before = this.#state.session?.threadId;
    const work = async (): Promise<void> => {
      const answer = await ask();
      this.open(answer);
      if (before !== undefined && before !== answer.thread.id) {
        await this.#client.request("thread/unsubscribe", { threadId: before });
      }
    };
    this.#ask(work(), (message) => this.dispatch({ type: "openFailed", message }));
  }

  async #suspend(): Promise<void> {
    this.#view.pause();
    await this.#options.terminal.suspend();
    this.#view.start();
    this.#view.redraw();
  }
}

function opened(answer: ThreadStartResponse | ThreadResumeResponse, overrides: ThreadOverrides): {
  session: Session;
  thread: ThreadStartResponse["thread"];
} {
  return {
    thread: answer.thread,
    session: {
      threadId: answer.thread.id,
      model: answer.model,
      effort: answer.reasoningEffort,
      folder: answer.cwd,
      approvalPolicy: answer.approvalPolicy,
      sandbox: answer.sandbox,
      sandboxAsked: overrides.sandbox !== undefined || overrides.config?.["sandbox_mode"] !== undefined,
    },
  };
}

function describe(error: unknown): string {
  const hint = error instanceof CodexError && error.hint !== undefined ? `. ${error.hint}` : "";
  return messageOf(error) + hint;
}
