// A storm on one thread: turns, steers, interruptions, answers, output and ends of commands in any order, while every
// port takes its time. Whatever comes in between, no client is left with something open, and nothing that was said is
// lost.
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import fc from "fast-check";
import { createAgent } from "../../../src/agent/agent.ts";
import type { AgentEvent } from "../../../src/agent/events.ts";
import type { AgentPorts, ApprovalPort } from "../../../src/agent/ports.ts";
import { SteerRejected } from "../../../src/agent/threads.ts";
import type { ExecSession, ExecSessions } from "../../../src/exec/session.ts";
import type { ModelEvent } from "../../../src/model/model_client.ts";
import { ModelError } from "../../../src/model/model_error.ts";
import type { AskForApproval } from "../../../src/protocol/types/policy.ts";
import { calling, functionCall, Harness, opening, saying, says, type Script } from "./_harness.ts";

const ANSWERS = ["accept", "acceptForSession", "amend", "decline", "cancel", "nobody"] as const;
const COMMANDS = ["quick", "stays", "denied", "broken"] as const;
const RESPONSES = [...COMMANDS, "says", "fails", "cut", "types", "two", "stays and quick"] as const;
const ACTIONS = ["start", "steer", "interrupt", "drop", "answer", "pass", "exit", "print", "wait"] as const;

type Action = readonly [what: typeof ACTIONS[number], which: number, ticksBefore: number];

interface Storm {
  readonly policy: AskForApproval;
  readonly responses: readonly (typeof RESPONSES[number])[];
  readonly actions: readonly Action[];
  /** Where the ports' delays start. */
  readonly seed: number;
}

const storms: fc.Arbitrary<Storm> = fc.record({
  policy: fc.constantFrom<AskForApproval>("untrusted", "on-failure", "never", "on-request"),
  responses: fc.array(fc.constantFrom(...RESPONSES), { minLength: 2, maxLength: 10 }),
  actions: fc.array(fc.tuple(fc.constantFrom(...ACTIONS), fc.nat(5), fc.nat(6)), { minLength: 3, maxLength: 25 }),
  seed: fc.nat(9999),
});

function command(cmd: string, id: string): ReturnType<typeof functionCall> {
  // The words after the command tell one from the other, so that an answer for the session is for one of them.
  return functionCall("exec_command", { cmd: `${cmd} ${id}`, tty: cmd === "stays" }, id);
}

function scriptOf(kind: typeof RESPONSES[number], index: number): Script {
  const refused = new ModelError("refused", { info: "other", retryable: kind === "cut", retryInfo: "other" });
  switch (kind) {
    case "says":
      return says(`text ${index}`, `m${index}`);
    case "fails":
      return [refused];
    case "cut":
      return [...opening(), ...saying("half", `m${index}`).slice(0, 2), refused];
    case "types":
      return calling(functionCall("write_stdin", { session_id: 100 + index % 3, chars: "x" }, `w${index}`));
    case "two":
      return calling(command("denied", `a${index}`), command("quick", `b${index}`));
    case "stays and quick":
      return calling(command("stays", `a${index}`), command("quick", `b${index}`));
    default:
      return calling(command(kind, `c${index}`));
  }
}

/** Some turns of the event loop; how many is decided by the seed. */
function createDelays(seed: number): () => Promise<void> {
  let state = seed + 1;
  return async () => {
    state = state * 48271 % 2147483647;
    for (let left = state % 4; left > 0; left--) await tick();
  };
}

function tick(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** No turn takes a tenth of it. */
const PATIENCE_MS = 10_000;

class World {
  readonly events: AgentEvent[] = [];
  readonly questions: { resolve: (answer: unknown) => void }[] = [];
  readonly exits: (() => void)[] = [];
  readonly printers: ((chunk: string) => void)[] = [];
  readonly agent;
  readonly #delay: () => Promise<void>;
  #sleepers: (() => void)[] = [];

  constructor(storm: Storm, codexHome: string) {
    this.#delay = createDelays(storm.seed);
    const { ports } = new Harness({
      codexHome,
      model: storm.responses.map(scriptOf),
      config: { approvalPolicy: storm.policy },
      commands: (cmd) => this.#command(cmd),
    });
    this.agent = createAgent({
      ...ports,
      events: { emit: (_threadId, event) => void this.events.push(structuredClone(event)) },
      approvals: { ask: this.#ask.bind(this) as ApprovalPort["ask"] },
      exec: this.#slowExec(ports.exec),
      store: this.#slowStore(ports.store),
      modelClient: (provider) => this.#slowModel(ports.modelClient(provider)),
      clock: { nowMs: ports.clock.nowMs, sleep: this.#sleep.bind(this) },
    });
  }

  answer(which: number): void {
    const question = this.questions.shift();
    const kind = ANSWERS[which];
    if (kind === "nobody") question?.resolve(null);
    else if (kind === "amend") {
      question?.resolve({ decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["quick"] } } });
    } else question?.resolve({ decision: kind });
  }

  pass(): void {
    for (const wake of this.#sleepers.splice(0)) wake();
  }

  #command(cmd: string): object {
    if (cmd.startsWith("broken")) return { startError: new Error("no such program") };
    if (cmd.startsWith("denied")) return { prints: ["stopped\n"], exitCode: 1, sandboxDenied: true };
    if (cmd.startsWith("quick")) return { prints: ["done\n"] };
    const { promise, resolve } = Promise.withResolvers<void>();
    this.exits.push(resolve);
    return { prints: ["up\n"], until: promise, answers: (chars: string) => `got ${chars}` };
  }

  async #ask(_threadId: string, _method: string, _params: unknown, signal: AbortSignal): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const question = { resolve };
    this.questions.push(question);
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    try {
      return await promise;
    } finally {
      const at = this.questions.indexOf(question);
      if (at !== -1) this.questions.splice(at, 1);
      await this.#delay();
    }
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (ms < 250) return this.#delay();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    this.#sleepers.push(resolve);
    return promise;
  }

  #slowExec(exec: ExecSessions): ExecSessions {
    return {
      start: async (request, onOutput): Promise<ExecSession> => {
        await this.#delay();
        const session = await exec.start(request, onOutput);
        this.printers.push(onOutput);
        const { terminate } = session;
        await this.#delay();
        return Object.assign(session, {
          terminate: async (): Promise<void> => {
            await this.#delay();
            await terminate.call(session);
          },
        });
      },
      find: (id) => exec.find(id),
      running: () => exec.running(),
      terminateAll: () => exec.terminateAll(),
    };
  }

  #slowStore(store: AgentPorts["store"]): AgentPorts["store"] {
    return {
      ...store,
      create: (meta) => {
        const writer = store.create(meta);
        return Object.assign(writer, { flush: this.#delay });
      },
    };
  }

  #slowModel(model: ReturnType<AgentPorts["modelClient"]>): ReturnType<AgentPorts["modelClient"]> {
    const delay = this.#delay;
    return {
      async *stream(request, signal): AsyncGenerator<ModelEvent> {
        for await (const event of model.stream(request, signal)) {
          await delay();
          signal.throwIfAborted();
          yield event;
        }
      },
    };
  }
}

async function rage(storm: Storm, codexHome: string): Promise<{ events: readonly AgentEvent[]; said: Said }> {
  const world = new World(storm, codexHome);
  const thread = await world.agent.start({}, { name: "test" });
  const said: Said = { turns: new Map(), steers: [] };
  const inputOf = (text: string): [{ type: "text"; text: string }] => [{ type: "text", text }];
  const running = (): string | undefined => [...said.turns.keys()].find((id) => !hasEnded(world.events, id));
  const interrupts: Promise<void>[] = [];
  for (const [number, [what, which, ticksBefore]] of storm.actions.entries()) {
    for (let left = ticksBefore; left > 0; left--) await tick();
    const text = `${what} ${number}`;
    switch (what) {
      case "start":
        said.turns.set(thread.startTurn({ threadId: thread.id, input: inputOf(text) }).id, text);
        break;
      case "steer":
        try {
          thread.steer({ threadId: thread.id, expectedTurnId: running() ?? "none", input: inputOf(text) });
          said.steers.push(text);
        } catch (error) {
          assert.ok(error instanceof SteerRejected);
        }
        break;
      case "interrupt":
        interrupts.push(thread.interrupt(running() ?? "none"));
        break;
      case "drop":
        interrupts.push(thread.interrupt([...said.turns.keys()].at(-1) ?? "none"));
        break;
      case "answer":
        world.answer(which);
        break;
      case "pass":
        world.pass();
        break;
      case "exit":
        world.exits[which]?.();
        break;
      case "print":
        // Also after the command's end: what it started may go on printing.
        world.printers.at(-1 - which)?.("more\n");
        break;
      case "wait":
        for (let left = which * 4; left > 0; left--) await tick();
        break;
      default:
        what satisfies never;
    }
  }
  const startedMs = performance.now();
  for (let rounds = 0; thread.status.type === "active"; rounds++) {
    assert.ok(performance.now() - startedMs < PATIENCE_MS, "a turn never ends");
    world.answer(rounds % ANSWERS.length);
    world.pass();
    await tick();
  }
  await Promise.all(interrupts);
  await world.agent.unload(thread.id);
  for (const print of world.printers) print("late\n");
  return { events: world.events, said };
}

interface Said {
  /** Turn ids to texts, in order. */
  readonly turns: Map<string, string>;
  readonly steers: string[];
}

function hasEnded(events: readonly AgentEvent[], turnId: string): boolean {
  return events.some((event) => event.method === "turn/completed" && event.params.turn.id === turnId);
}

/** Walks through what a client heard, and stops at the first thing that it could not make sense of. */
function checkStory(events: readonly AgentEvent[], said: Said): void {
  const open = new Map<string, { turnId: string; type: string }>();
  const ended = new Map<string, string>();
  const heard: string[] = [];
  for (const event of events) {
    const { params } = event;
    const turnId = "turnId" in params ? params.turnId : null;
    const where = `${event.method} ${JSON.stringify(params)}`;
    if (turnId !== null && ended.has(turnId)) {
      assert.notEqual(ended.get(turnId), "interrupted", `after an interrupted turn: ${where}`);
      const isOfCommand = event.method === "item/commandExecution/outputDelta" || event.method === "item/completed";
      assert.ok(isOfCommand, `after the turn: ${where}`);
    }
    switch (event.method) {
      case "item/started":
        assert.ok(!open.has(event.params.item.id), `twice: ${where}`);
        open.set(event.params.item.id, { turnId: event.params.turnId, type: event.params.item.type });
        break;
      case "item/completed": {
        const { item } = event.params;
        assert.ok(open.delete(item.id), `not open: ${where}`);
        if (item.type === "userMessage") {
          heard.push(...item.content.flatMap((part) => part.type === "text" ? [part.text] : []));
        }
        break;
      }
      case "item/commandExecution/outputDelta":
      case "item/agentMessage/delta":
        assert.ok(open.has(event.params.itemId), `not open: ${where}`);
        break;
      case "turn/completed": {
        const { id, status } = event.params.turn;
        assert.ok(!ended.has(id), `twice: ${where}`);
        const left = [...open.values()].filter((item) => item.turnId === id).map(({ type }) => type);
        const mayStay = status === "interrupted" ? [] : left.filter((type) => type === "commandExecution");
        assert.deepEqual(left, mayStay, `left open: ${where}`);
        ended.set(id, status);
        break;
      }
    }
  }
  assert.deepEqual([...open.values()], [], "left open for ever");
  assert.deepEqual([...said.turns.keys()].filter((id) => !ended.has(id)), [], "turns without an end");
  const begun = new Set(events.flatMap((event) => event.method === "turn/started" ? [event.params.turn.id] : []));
  const expected = [...[...said.turns].flatMap(([id, text]) => begun.has(id) ? [text] : []), ...said.steers];
  assert.deepEqual(heard.toSorted(), expected.toSorted(), "what was said and what was heard");
}

Deno.test("a thread leaves nothing open and loses no input, whatever happens in whatever order", async () => {
  const codexHome = await Deno.makeTempDir();
  try {
    await fc.assert(
      fc.asyncProperty(storms, async (storm) => {
        const { events, said } = await rage(storm, codexHome);
        checkStory(events, said);
        await Deno.remove(`${codexHome}/rules`, { recursive: true }).catch(() => {});
      }),
      { numRuns: Number(Deno.env.get("STORM_RUNS") ?? 300) },
    );
  } finally {
    await Deno.remove(codexHome, { recursive: true });
  }
});
