// `exec_command`: one command line through the person's shell. Decides nothing itself: command_policy says whether to
// ask, turn_sandbox what it may touch, command_run owns its item. A patch given to the shell is applied as a patch.
import { joinPath } from "../../base/absolute_path.ts";
import { CodexError, messageOf } from "../../base/errors.ts";
import { joinShellWords } from "../../base/shell_words.ts";
import { commandEnvironment } from "../../config/shell_environment.ts";
import type { CommandInspection } from "../../exec/command_inspection.ts";
import { shellCommand } from "../../exec/command_line.ts";
import type { ExecExit, ExecRequest } from "../../exec/session.ts";
import { findApplyPatchCommand } from "../../workspace/patch_command.ts";
import { askCommand, type CommandItem, type Verdict } from "../approval.ts";
import { runPatch } from "./apply_patch.ts";
import type { CommandRun } from "./command_run.ts";
import { type CommandJudgement, judgeCommand, type OnDenied } from "./command_policy.ts";
import { commandReport, denialNote } from "./exec_output.ts";
import { EXEC_COMMAND_SPEC, type ExecCommandArguments, readExecArguments } from "./exec_command_spec.ts";
import type { Tool, ToolCall, ToolContext } from "./tool.ts";
import { turnSandbox } from "./turn_sandbox.ts";
import { clampYield, waitForCommand, YIELD_AFTER_START_MS } from "./yielding.ts";

export const execCommand: Tool = {
  isParallel: true,
  spec: EXEC_COMMAND_SPEC,

  async run(call, context): Promise<string> {
    const args = readExecArguments(call);
    if (typeof args === "string") return args;
    const { settings } = context;
    const cwd = args.workdir === null ? settings.cwd : joinPath(settings.cwd, args.workdir);
    const patch = findApplyPatchCommand(args.cmd);
    if (patch !== null) {
      return await runShellPatch(call, context, { patch: patch.patch, cwd: joinPath(cwd, patch.workdir ?? "") });
    }
    const argv = shellCommand({
      cmd: args.cmd,
      shell: args.shell,
      login: args.login && context.config.allowLoginShell,
      environment: context.environment,
    });
    const inspection = await context.inspector.inspect(argv);
    context.turn.signal.throwIfAborted();
    return await new CommandCall(call, context, { args, argv, cwd, inspection }).run();
  },
};

async function runShellPatch(
  call: ToolCall,
  context: ToolContext,
  text: { patch: string; cwd: string },
): Promise<string> {
  const startedMs = context.clock.nowMs();
  const { output } = await runPatch(call, context, text);
  const seconds = ((context.clock.nowMs() - startedMs) / 1000).toFixed(4);
  const hint = "This was applied as a patch. Call apply_patch itself where you have it, not through exec_command.";
  return `Wall time: ${seconds} seconds\n${hint}\nOutput:\n${output}`;
}

interface CommandCallOptions {
  readonly args: ExecCommandArguments;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly inspection: CommandInspection;
}

/** One call, from the judgement to the text for the model. */
class CommandCall {
  readonly #context: ToolContext;
  readonly #options: CommandCallOptions;
  readonly #item: CommandItem;
  #isStarted = false;

  constructor(call: ToolCall, context: ToolContext, options: CommandCallOptions) {
    this.#context = context;
    this.#options = options;
    this.#item = {
      type: "commandExecution",
      id: call.callId,
      command: joinShellWords(options.argv),
      cwd: options.cwd,
      processId: null,
      source: "agent",
      status: "inProgress",
      commandActions: options.inspection.actions,
      aggregatedOutput: null,
      exitCode: null,
      durationMs: null,
    };
  }

  async run(): Promise<string> {
    const { args, inspection } = this.#options;
    const { rules, settings } = this.#context;
    const judgement = judgeCommand({
      inspection,
      rules: rules.current,
      approvalPolicy: settings.approvalPolicy,
      hasSandbox: turnSandbox(this.#context) !== null,
      wantsEscalation: args.escalates,
      justification: args.justification,
      prefixRule: args.prefixRule,
    });
    if (judgement.type === "refuse") {
      this.#context.turn.commandRefused(this.#item.id, this.#item);
      return this.#failure(judgement.why);
    }
    if (judgement.type === "ask") {
      const refusal = await this.#ask(judgement);
      if (refusal !== null) return this.#failure(refusal);
    }
    return await this.#launch(judgement.inSandbox, judgement.onDenied);
  }

  #failure(why: string): string {
    // wire: models know the beginning of this sentence.
    return `exec_command failed for \`${this.#item.command}\`: ${why}`;
  }

  /** Null when the command may run, else why it may not. */
  async #ask(judgement: Extract<CommandJudgement, { type: "ask" }>): Promise<string | null> {
    const { cache } = this.#context;
    const key = {
      argv: this.#options.argv,
      cwd: this.#options.cwd,
      escalated: !judgement.inSandbox,
      tty: this.#options.args.tty,
    };
    if (cache.allowsCommand(key)) return null;
    this.#isStarted = true;
    const verdict = await askCommand(this.#context, {
      item: this.#item,
      isStarted: false,
      reason: judgement.reason,
      proposedAmendment: judgement.amendment,
    });
    if (verdict.type !== "accepted") return this.#whyNot(verdict);
    if (verdict.forSession) cache.allowCommand(key);
    if (verdict.amendment !== null) await this.#allowForGood(verdict.amendment);
    return null;
  }

  async #allowForGood(prefix: readonly string[]): Promise<void> {
    const problem = await this.#context.rules.allow(prefix);
    if (problem === null) return;
    const words = joinShellWords(prefix);
    this.#context.turn.warn(`Cannot save the rule that allows \`${words}\`: it holds until the server ends`, problem);
  }

  /** @throws the turn's abort reason when the person wants the turn to end. */
  #whyNot(verdict: Exclude<Verdict, { type: "accepted" }>): string {
    switch (verdict.type) {
      case "declined":
        return "rejected by user";
      case "unanswered":
        return "the person could not be asked";
      case "cancelled":
        this.#context.turn.interrupt();
        throw this.#context.turn.signal.reason;
    }
  }

  #request(inSandbox: boolean): ExecRequest {
    const { argv, cwd, args } = this.#options;
    const { config, environment, turn } = this.#context;
    return {
      argv,
      cwd,
      env: {
        ...commandEnvironment(environment, config.shellEnvironmentPolicy),
        ...PLAIN_OUTPUT,
        CODEX_THREAD_ID: turn.threadId,
      },
      tty: args.tty,
      sandbox: inSandbox ? turnSandbox(this.#context) : null,
    };
  }

  async #launch(inSandbox: boolean, onDenied: OnDenied): Promise<string> {
    const { turn, exec, runs, clock } = this.#context;
    const startedMs = clock.nowMs();
    if (turn.signal.aborted) {
      // Interrupted between the answer and the start: the item that was asked about ends here.
      if (this.#isStarted) await turn.completeItem({ ...this.#item, status: "declined" });
      turn.signal.throwIfAborted();
    }
    let run: CommandRun;
    try {
      const request = this.#request(inSandbox);
      run = await runs.launch({ turn, exec, request, item: this.#item, isStarted: this.#isStarted });
    } catch (error) {
      await this.#completeUnstarted(error);
      return this.#failure(messageOf(error));
    }
    const yieldMs = clampYield(this.#options.args.yieldMs, YIELD_AFTER_START_MS);
    let exit = await waitForCommand(run, yieldMs, this.#context);
    let wasDenied = false;
    if (exit?.sandboxDenied && inSandbox) {
      wasDenied = !await this.#mayRerun(run, { onDenied, exit });
      if (!wasDenied) {
        const problem = await this.#relaunch(run);
        if (problem !== null) {
          await this.#finish(run, exit);
          return this.#failure(problem);
        }
        exit = await waitForCommand(run, yieldMs, this.#context);
      }
    }
    if (exit === null) runs.leaveInBackground(run, (error) => this.#tellTrouble(error));
    else await this.#finish(run, exit);
    return commandReport({
      wallMs: clock.nowMs() - startedMs,
      output: run.session.takeNewOutput(),
      maxTokens: Math.min(this.#options.args.maxTokens, this.#context.toolOutputTokens),
      exitCode: exit?.exitCode ?? null,
      processId: run.session.processId,
      note: wasDenied ? denialNote(exit?.denials) : null,
    });
  }

  /** Null when the command runs again, else why it does not. */
  async #relaunch(run: CommandRun): Promise<string | null> {
    const { turn, exec, runs } = this.#context;
    try {
      await runs.relaunch(run, { turn, exec, request: this.#request(false), item: run.item, isStarted: true });
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  async #finish(run: CommandRun, exit: ExecExit): Promise<void> {
    await run.complete(exit);
    this.#context.runs.forget(run);
  }

  /** A process that never was: the item has begun and ended all the same, and says why to whoever looks at it. */
  async #completeUnstarted(error: unknown): Promise<void> {
    const { turn } = this.#context;
    const hint = error instanceof CodexError && error.hint !== undefined ? `\n${error.hint}` : "";
    const aggregatedOutput = `${messageOf(error)}${hint}\n`;
    if (!this.#isStarted) turn.startItem(this.#item);
    await turn.completeItem({ ...this.#item, status: "failed", aggregatedOutput }, { argv: this.#options.argv });
  }

  async #mayRerun(
    run: CommandRun,
    { onDenied, exit }: { readonly onDenied: OnDenied; readonly exit: ExecExit },
  ): Promise<boolean> {
    if (onDenied !== "ask") return onDenied === "rerun";
    try {
      const verdict = await askCommand(this.#context, {
        item: run.item,
        isStarted: true,
        reason: rerunQuestion(exit),
        proposedAmendment: null,
      });
      if (verdict.type === "cancelled") this.#context.turn.interrupt();
      this.#context.turn.signal.throwIfAborted();
      return verdict.type === "accepted";
    } catch (error) {
      // The first attempt is what the command came to.
      await this.#finish(run, await run.session.exited);
      throw error;
    }
  }

  #tellTrouble(error: unknown): void {
    this.#context.turn.warn(`Cannot record the end of \`${this.#item.command}\``, messageOf(error));
  }
}

function rerunQuestion({ denials = [] }: ExecExit): string {
  const [first] = denials;
  const because = first === undefined ? "" : ` (${first.what}: ${first.rule})`;
  return `The sandbox stopped this command${because}. Run it again without the sandbox?`;
}

/** Programs that would page, colour or translate their output do not. */
const PLAIN_OUTPUT: Readonly<Record<string, string>> = {
  NO_COLOR: "1",
  TERM: "dumb",
  COLORTERM: "",
  LANG: "C.UTF-8",
  LC_ALL: "C.UTF-8",
  LC_CTYPE: "C.UTF-8",
  PAGER: "cat",
  GIT_PAGER: "cat",
  GH_PAGER: "cat",
  CODEX_CI: "1",
};
