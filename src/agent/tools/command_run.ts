// A command and its item: started when the process is, fed with its output, finished exactly once. A command may
// outlive the tool call and, left in the background by the model, the turn; an interrupted turn takes all of its
// commands along, so that nothing arrives under it later.
import type { ExecExit, ExecRequest, ExecSession, ExecSessions } from "../../exec/session.ts";
import { denialText } from "../../sandbox/denial.ts";
import type { SandboxPlan } from "../../sandbox/plan.ts";
import type { CommandItem } from "../approval.ts";
import type { Turn } from "../turn.ts";

export interface LaunchOptions {
  readonly turn: Turn;
  readonly exec: ExecSessions;
  readonly request: ExecRequest;
  /** The item as it is before the process exists. */
  readonly item: CommandItem;
  /** The item was announced while asking for approval. */
  readonly isStarted: boolean;
}

export class CommandRun {
  readonly turn: Turn;
  #item: CommandItem;
  #session: ExecSession;
  /** Output of an earlier attempt of the same command. */
  #earlierOutput = "";
  #completion: Promise<void> | null = null;
  #isTold = false;
  #isInBackground = false;
  #ending: Promise<void> | null = null;

  constructor(turn: Turn, item: CommandItem, session: ExecSession) {
    this.turn = turn;
    this.#item = item;
    this.#session = session;
  }

  get item(): CommandItem {
    return this.#item;
  }

  get session(): ExecSession {
    return this.#session;
  }

  /** The item is finished or about to be: nothing more may come under it. */
  get isComplete(): boolean {
    return this.#completion !== null;
  }

  /** The end of the item was told. */
  get isTold(): boolean {
    return this.#isTold;
  }

  /** The model was told that the command goes on; until then it belongs to the call that started it. */
  get isInBackground(): boolean {
    return this.#isInBackground;
  }

  moveToBackground(): void {
    this.#isInBackground = true;
  }

  /** Finishes the item. Later calls wait for the first. */
  complete(exit: ExecExit): Promise<void> {
    this.#completion ??= this.#finish(exit);
    return this.#completion;
  }

  /** The item with what the command has printed until now. */
  itemSoFar(): CommandItem {
    const output = this.#earlierOutput + this.#session.aggregatedOutput();
    return { ...this.#item, aggregatedOutput: output === "" ? null : output };
  }

  async #finish(exit: ExecExit): Promise<void> {
    this.#item = {
      ...this.itemSoFar(),
      status: exit.exitCode === 0 ? "completed" : "failed",
      exitCode: exit.exitCode,
      durationMs: Math.round(exit.durationMs),
      ...(exit.sandboxDenied ? { sandboxDenials: (exit.denials ?? []).map(denialText) } : {}),
    };
    const { argv, sandbox } = this.#session.request;
    await this.turn.completeItem(this.#item, { argv }, { sandbox: sandboxName(sandbox) });
    this.#isTold = true;
  }

  /** Ends the process with its group and finishes the item; does nothing more when that is done or under way. */
  end(): Promise<void> {
    this.#ending ??= this.#completion ?? this.#terminate();
    return this.#ending;
  }

  async #terminate(): Promise<void> {
    await this.#session.terminate();
    await this.complete(await this.#session.exited);
  }

  /** Takes a second attempt of the same command as its own. */
  replaceSession(session: ExecSession): void {
    this.#earlierOutput += this.#session.aggregatedOutput();
    this.#session = session;
    this.#item = { ...this.#item, processId: session.processId };
  }
}

function sandboxName(plan: SandboxPlan | null): string {
  if (plan === null) return "none";
  return plan.writable.length === 0 ? "read-only" : "workspace-write";
}

/** Starts a process whose output goes to the item, in order, while the item is announced and not over. */
async function startSession(options: LaunchOptions, isOver: () => boolean): Promise<ExecSession> {
  const { turn, exec, request, item, isStarted } = options;
  const early: string[] = [];
  let isAnnounced = isStarted;
  const tell = (delta: string): Promise<void> | undefined => {
    if (delta === "" || isOver()) return undefined;
    if (isAnnounced) turn.emit({ method: "item/commandExecution/outputDelta", params: { itemId: item.id, delta } });
    else early.push(delta);
    return turn.pace();
  };
  const session = await exec.start(request, tell);
  if (!isAnnounced) {
    isAnnounced = true;
    turn.startItem({ ...item, processId: session.processId, source: "unifiedExecStartup" });
    for (const delta of early) void tell(delta);
  }
  return session;
}

/** Ended commands that nobody asked about again are forgotten beyond this number, oldest first. */
const MAX_ENDED_RUNS = 64;

/** The commands of one thread. */
export class CommandRuns {
  readonly #runs = new Set<CommandRun>();

  /** @throws CodexError SANDBOX_UNAVAILABLE | EXEC_FAILED: then no process runs and the item, if new, is not started. */
  async launch(options: LaunchOptions): Promise<CommandRun> {
    let known: CommandRun | null = null;
    const session = await startSession(options, () => known?.isComplete ?? false);
    const item: CommandItem = { ...options.item, processId: session.processId, source: "unifiedExecStartup" };
    const run = known = new CommandRun(options.turn, item, session);
    options.turn.followItem(item.id, () => run.itemSoFar());
    this.#runs.add(run);
    const ended = [...this.#runs].filter((old) => old.isTold);
    for (const old of ended.slice(0, Math.max(0, ended.length - MAX_ENDED_RUNS))) this.#runs.delete(old);
    return run;
  }

  /** Runs the command of `run` again, as `options` say, under the same item. */
  async relaunch(run: CommandRun, options: LaunchOptions): Promise<void> {
    run.replaceSession(await startSession({ ...options, isStarted: true }, () => run.isComplete));
  }

  /** A command left in the background that is still known: it runs, or ended and was not looked at since. */
  find(processId: string): CommandRun | undefined {
    return [...this.#runs].find((run) => run.isInBackground && run.session.processId === processId);
  }

  forget(run: CommandRun): void {
    this.#runs.delete(run);
  }

  /** Lets a command run on; its item is finished when it ends. `onTrouble` hears when that cannot be recorded. */
  leaveInBackground(run: CommandRun, onTrouble: (error: unknown) => void): void {
    run.moveToBackground();
    run.session.exited.then((exit) => run.complete(exit)).catch(onTrouble);
  }

  /** Ends the commands that a turn started, or all. Waits for each of them, also when one cannot be recorded. */
  async endAll(turn?: Turn): Promise<void> {
    const mine = [...this.#runs].filter((run) => turn === undefined || run.turn === turn);
    const results = await Promise.allSettled(mine.map((run) => run.end()));
    for (const run of mine) this.#runs.delete(run);
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}
