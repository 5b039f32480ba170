// What the scripted model stand-in answers. A script is a pure function from "what the client sent" to one
// reply; the default script reads %directives in the last user text, one model request per directive, and
// sums up when they are used up. Nothing here talks to a network: `model_stand_in.ts` plays the replies.

/** One input item of a Responses API request, as far as the stand-in looks at it. */
export interface InputItem {
  type?: string;
  role?: string;
  content?: string | { type?: string; text?: string }[];
  call_id?: string;
  name?: string;
  output?: unknown;
}

/** The request body that the agent sent, plus its place in the conversation. */
export interface ModelTurn {
  body: Record<string, unknown>;
  /** The last text that a person typed (context messages such as `<environment_context>` do not count). */
  userText: string;
  /** How many user texts the request holds; 1 in the first turn of a thread. */
  userTurns: number;
  /** How many rounds of tool outputs came back since that text. */
  round: number;
  /** The tool outputs since that text, oldest first, as plain text. */
  outputs: string[];
  /** How many requests with this very text and round came before; the retry counter. */
  attempt: number;
}

/** One item of a reply. */
export type ReplyItem =
  | { kind: "text"; text: string; phase?: "commentary" | "final_answer"; deltas?: string[]; delayMs?: number }
  | { kind: "reasoning"; summary: string; raw?: string }
  | { kind: "call"; name: string; arguments: Record<string, unknown> }
  | { kind: "custom"; name: string; input: string };

/** A whole reply: items and a normal end, or one of the ways a model server fails. */
export type Reply =
  | { kind: "items"; items: ReplyItem[]; usage?: { input: number; cached: number; output: number; reasoning: number } }
  | { kind: "http"; status: number; body: unknown; headers?: Record<string, string> }
  | { kind: "cut"; items: ReplyItem[] }
  | { kind: "stall"; items: ReplyItem[] }
  | { kind: "failed"; code: string; message: string };

export type ModelScript = (turn: ModelTurn) => Reply;

/** The text of the summary that ends every tool turn. */
export const SUMMARY_TEXT = "Scripted stand-in: all steps are done.";
/** The text of a plain turn. */
export const PLAIN_TEXT = "Hello from the scripted stand-in model.";
/** The text that streams before a command. */
export const BEFORE_COMMAND_TEXT = "Scripted stand-in: running a command.";

/** The deltas of `%deltas:N`; tests compare the text that arrived with their concatenation. */
export function deltaTexts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => (index % 16 === 15 ? `w${index}\n` : `w${index} `));
}

/** The patch text that adds `file` with two lines. */
export function addFilePatch(file: string): string {
  return `*** Begin Patch\n*** Add File: ${file}\n+added by the stand-in\n+second line\n*** End Patch\n`;
}

/** The patch text that changes the first line of the workspace's `notes.txt`-like files. */
export function updateFilePatch(file: string): string {
  return `*** Begin Patch\n*** Update File: ${file}\n@@\n-first line\n+first line, changed\n*** End Patch\n`;
}

const MARKDOWN = [
  "# Heading one",
  "",
  "Some **bold**, some *italic*, some `code` and a [link](https://example.com/page).",
  "",
  "- item one",
  "- item two",
  "  1. nested one",
  "",
  "> quoted text",
  "",
  "| Name | Size |",
  "|------|-----:|",
  "| a.ts | 12 |",
  "",
  "```ts",
  'const greeting: string = "hello";',
  "```",
  "",
  "Last paragraph of the stand-in.",
].join("\n");

/** Cuts a text into deltas of a few words, the way a model streams. */
export function wordDeltas(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [text];
}

function text(value: string): Reply {
  return { kind: "items", items: [{ kind: "text", text: value, phase: "final_answer" }] };
}

function command(cmd: string, extra: Record<string, unknown> = {}, lead = true): Reply {
  const items: ReplyItem[] = [{ kind: "call", name: "exec_command", arguments: { cmd, ...extra } }];
  if (lead) items.unshift({ kind: "text", text: BEFORE_COMMAND_TEXT, phase: "commentary" });
  return { kind: "items", items };
}

function patch(input: string): Reply {
  return {
    kind: "items",
    items: [
      { kind: "text", text: "Scripted stand-in: proposing a patch.", phase: "commentary" },
      { kind: "custom", name: "apply_patch", input },
    ],
  };
}

function httpError(status: number, message: string, type: string): Reply {
  return { kind: "http", status, body: { error: { message, type, param: null, code: type } } };
}

/** Directives that fail; an argument N means "fail N times, then answer plainly". */
function fault(name: string, argument: string, attempt: number): Reply | undefined {
  const failures = /^\d+$/.test(argument) ? Number(argument) : Infinity;
  const partial: ReplyItem[] = [{ kind: "text", text: "This answer breaks off", phase: "final_answer" }];
  if (!/^(e\d{3}|cut|stall|failed)$/.test(name)) return undefined;
  if (attempt >= failures) return text("Scripted stand-in: recovered after a failure.");
  switch (name) {
    case "e401":
      return httpError(401, "The scripted stand-in refuses this key", "invalid_api_key");
    case "e429":
      return httpError(429, "The scripted stand-in is rate limited", "rate_limit_exceeded");
    case "cut":
      return { kind: "cut", items: partial };
    case "stall":
      return { kind: "stall", items: partial };
    case "failed":
      return { kind: "failed", code: "server_error", message: "The scripted stand-in failed on purpose" };
    default:
      return httpError(Number(name.slice(1)), `The scripted stand-in answers ${name.slice(1)}`, "server_error");
  }
}

type StepMaker = (argument: string, turn: ModelTurn) => Reply[];

const PLAN_STEPS = ["Read the code", "Make the change", "Run the tests"];

/** The table of directives. Each gives the replies, one per model request, that come before the summary. */
const DIRECTIVES: Record<string, StepMaker> = {
  plain: () => [text(PLAIN_TEXT)],
  md: () => [text(MARKDOWN)],
  say: (argument) => [text(argument)],
  sh: (argument) => [command(argument || "pwd")],
  esc: (argument) => [
    command(argument || "pwd", {
      sandbox_permissions: "require_escalated",
      justification: "The scripted stand-in asks to run this outside the sandbox",
    }),
  ],
  patch: (argument) => [patch(addFilePatch(argument || "added.txt"))],
  patchupd: (argument) => [patch(updateFilePatch(argument || "notes.txt"))],
  patchdel: (argument) => [patch(`*** Begin Patch\n*** Delete File: ${argument || "notes.txt"}\n*** End Patch\n`)],
  patchbad: (argument) => [
    patch(`*** Begin Patch\n*** Update File: ${argument || "notes.txt"}\n@@\n-no such line\n+new\n*** End Patch\n`),
  ],
  plan: () => [{
    kind: "items",
    items: [{
      kind: "call",
      name: "update_plan",
      arguments: {
        explanation: "Planned by the stand-in",
        plan: PLAN_STEPS.map((step, index) => ({
          step,
          status: ["completed", "in_progress", "pending"][index],
        })),
      },
    }],
  }],
  think: () => [{
    kind: "items",
    items: [
      { kind: "reasoning", summary: "**Weighing the request**\n\nThe stand-in pretends to think." },
      { kind: "text", text: "Scripted stand-in: thought about it.", phase: "final_answer" },
    ],
  }],
  slow: (argument) => {
    const count = Number(argument) || 600;
    const deltas = Array.from({ length: count }, (_, index) => `slow-${index} `);
    return [{
      kind: "items",
      items: [{ kind: "text", text: deltas.join(""), deltas, delayMs: 50, phase: "final_answer" }],
    }];
  },
  deltas: (argument) => {
    const deltas = deltaTexts(Number(argument) || 1000);
    return [{ kind: "items", items: [{ kind: "text", text: deltas.join(""), deltas, phase: "final_answer" }] }];
  },
  multi: () => [command("echo step-1", {}, false), command("echo step-2", {}, false), command("echo step-3")],
  par: () => [{
    kind: "items",
    items: [1, 2, 3].map((n) => ({
      kind: "call" as const,
      name: "exec_command",
      arguments: { cmd: `echo parallel-${n}` },
    })),
  }],
  tty: (argument, turn) => [
    command(argument || "cat", { tty: true, yield_time_ms: 300 }),
    {
      kind: "items",
      items: [{
        kind: "call",
        name: "write_stdin",
        arguments: {
          session_id: Number(/session ID (\d+)/i.exec(turn.outputs[0] ?? "")?.[1] ?? 0),
          chars: "typed by the stand-in\n\u0004",
          yield_time_ms: 1000,
        },
      }],
    },
  ],
  badtool: () => [{ kind: "items", items: [{ kind: "call", name: "no_such_tool", arguments: { a: 1 } }] }],
  badargs: () => [{ kind: "items", items: [{ kind: "call", name: "exec_command", arguments: { nope: true } }] }],
};

interface Directive {
  name: string;
  argument: string;
}

/** Reads `%name` and `%name:argument` words; an argument ends at the next directive or at the end of the line. */
export function parseDirectives(userText: string): Directive[] {
  const found = [...userText.matchAll(/(?:^|\s)%([a-z]+\d*)(?::((?:(?!\s%[a-z])[^\n])*))?/g)];
  return found.map((match) => ({ name: match[1]!, argument: (match[2] ?? "").trim() }));
}

/** The script behind `%directives`; a text without any gets the plain answer. */
export function directiveScript(turn: ModelTurn): Reply {
  const steps: Reply[] = [];
  for (const { name, argument } of parseDirectives(turn.userText)) {
    const failure = fault(name, argument, turn.attempt);
    if (failure) steps.push(failure);
    else steps.push(...(DIRECTIVES[name]?.(argument, turn) ?? []));
  }
  if (steps.length === 0) return text(PLAIN_TEXT);
  const needsSummary = steps.some((step) => step.kind === "items" && step.items.some((item) => "name" in item));
  return steps[turn.round] ?? text(needsSummary ? SUMMARY_TEXT : PLAIN_TEXT);
}

/** The file that the demo's patch changes; its list items start with "- ". */
export const DEMO_FILE = "todo.md";
/** The command of the demo: shows the file and proves that the sandbox refuses to write. */
export const DEMO_COMMAND =
  `cat ${DEMO_FILE}; (echo probe > sandbox_probe.txt) 2>/dev/null && echo "sandbox: OPEN" || echo "sandbox: writing is refused"`;

/**
 * The demo's script: text and a command in the sandbox, then a patch built from what the command printed, then a
 * summary. Whatever the user typed ends up as one more line of the list.
 */
export function demoScript(turn: ModelTurn): Reply {
  const asked = turn.userText.replace(/\s+/g, " ").trim().slice(0, 60) || "(nothing)";
  if (turn.round === 0) {
    return {
      kind: "items",
      items: [
        {
          kind: "text",
          text: `I am a **scripted stand-in**, not a model: whatever you type, I play the same small part. ` +
            `You asked: "${asked}". First I look at \`${DEMO_FILE}\` with a command inside the sandbox.`,
          phase: "commentary",
        },
        { kind: "call", name: "exec_command", arguments: { cmd: DEMO_COMMAND } },
      ],
    };
  }
  if (turn.round === 1) {
    const lines = (turn.outputs.at(-1) ?? "").split("\n").map((line) => line.trimEnd());
    const last = lines.filter((line) => line.startsWith("- ")).at(-1);
    const addition = `+- [ ] asked for: ${asked}`;
    const input = last
      ? `*** Begin Patch\n*** Update File: ${DEMO_FILE}\n@@\n ${last}\n${addition}\n*** End Patch\n`
      : `*** Begin Patch\n*** Add File: asked_${turn.userTurns}.md\n${addition}\n*** End Patch\n`;
    return {
      kind: "items",
      items: [
        { kind: "text", text: "Next I propose a patch; it is applied only if you approve it.", phase: "commentary" },
        { kind: "custom", name: "apply_patch", input },
      ],
    };
  }
  const changed = /success|updated|done/i.test(turn.outputs.at(-1) ?? "");
  return text(
    changed
      ? `Summary from the scripted stand-in: I read \`${DEMO_FILE}\` in the sandbox and the approved patch changed it.`
      : "Summary from the scripted stand-in: I ran a command in the sandbox; the patch was not applied.",
  );
}
