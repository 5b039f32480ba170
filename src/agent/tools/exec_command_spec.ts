// How the model is told of `exec_command`, and its arguments read. Names and types are those of the reference.
import type { ToolSpec } from "../../model/model_client.ts";
import { readFlag, readNumber, readText, readWords } from "./arguments.ts";
import { DEFAULT_OUTPUT_TOKENS } from "./exec_output.ts";
import { badArguments, parseArguments, type ToolCall } from "./tool.ts";

export const EXEC_COMMAND_SPEC: ToolSpec = {
  type: "function",
  name: "exec_command",
  description: "Run a command line in a shell. Returns its output and exit code, or, when it is still running after " +
    "the wait, a session id for write_stdin.",
  strict: false,
  parameters: {
    type: "object",
    properties: {
      cmd: { type: "string", description: "The command line." },
      justification: {
        type: "string",
        description: 'With require_escalated: a one-sentence question to the person, such as "May I download the ' +
          "project's dependencies?\".",
      },
      login: { type: "boolean", description: "Run a login shell (default true)." },
      max_output_tokens: { type: "number", description: "Most tokens of output to return; the middle is cut out." },
      prefix_rule: {
        type: "array",
        description: "With require_escalated: the first words of the command, offered to the person as a rule for " +
          'commands like it. Narrow, such as ["npm", "install"].',
        items: { type: "string" },
      },
      sandbox_permissions: {
        type: "string",
        description: "use_default (the default), or require_escalated to ask for a run outside of the sandbox.",
      },
      shell: { type: "string", description: "Path of the shell (default: the person's own)." },
      tty: { type: "boolean", description: "Give the command a terminal (default false: pipes, no input)." },
      workdir: { type: "string", description: "Folder to run in (default: the working directory)." },
      yield_time_ms: { type: "number", description: "How long to wait for its end, in milliseconds (default 10000)." },
    },
    required: ["cmd"],
    additionalProperties: false,
  },
};

export interface ExecCommandArguments {
  readonly cmd: string;
  readonly workdir: string | null;
  readonly shell: string | null;
  readonly login: boolean;
  readonly tty: boolean;
  readonly yieldMs: number | null;
  readonly maxTokens: number;
  readonly escalates: boolean;
  readonly justification: string | null;
  readonly prefixRule: readonly string[] | null;
}

const PERMISSIONS = ["use_default", "require_escalated"];

/** The arguments, or what the model gets to read about them. */
export function readExecArguments(call: ToolCall): ExecCommandArguments | string {
  const args = parseArguments(call);
  if (typeof args === "string") return args;
  const cmd = readText(args, "cmd");
  if (cmd.value === null) return badArguments(call, cmd.problem ?? "missing field `cmd`");
  const workdir = readText(args, "workdir");
  const shell = readText(args, "shell");
  const login = readFlag(args, "login");
  const tty = readFlag(args, "tty");
  const yieldMs = readNumber(args, "yield_time_ms");
  const maxTokens = readNumber(args, "max_output_tokens");
  const permissions = readText(args, "sandbox_permissions");
  const justification = readText(args, "justification");
  const prefixRule = readWords(args, "prefix_rule");
  const all = [workdir, shell, login, tty, yieldMs, maxTokens, permissions, justification, prefixRule];
  const problem = all.find((argument) => argument.problem !== null)?.problem;
  if (problem) return badArguments(call, problem);
  if (permissions.value !== null && !PERMISSIONS.includes(permissions.value)) {
    const known = PERMISSIONS.map((name) => `\`${name}\``).join(" or ");
    return badArguments(call, `unknown variant \`${permissions.value}\`, expected ${known}`);
  }
  return {
    cmd: cmd.value,
    workdir: workdir.value,
    shell: shell.value,
    login: login.value ?? true,
    tty: tty.value ?? false,
    yieldMs: yieldMs.value,
    maxTokens: maxTokens.value ?? DEFAULT_OUTPUT_TOKENS,
    escalates: permissions.value === "require_escalated",
    justification: justification.value,
    prefixRule: prefixRule.value !== null && prefixRule.value.length > 0 ? prefixRule.value : null,
  };
}
