// Bounded fuzzing of the rollout reader: damage anywhere in a file never throws and never loses the turns in front
// of it; values of any shape in any record give well-formed turns.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Value } from "typebox/value";
import { Turn } from "../../src/protocol/types/turn.ts";
import { ModelHistory } from "../../src/store/model_history.ts";
import { parseLine } from "../../src/store/rollout_line.ts";
import { metaOf, previewOf, readRollout } from "../../src/store/rollout_reader.ts";
import type { RolloutItem } from "../../src/store/thread_store.ts";
import { TurnHistory } from "../../src/store/turn_history.ts";
import { tempFolder } from "../support/temp_folder.ts";

const RUNS = { numRuns: 200 };
const SEEDS = new URL("./seeds/rollout/", import.meta.url);

function digest(records: Iterable<RolloutItem>): { turns: Turn[]; historyLength: number } {
  const turns = new TurnHistory();
  const history = new ModelHistory();
  for (const record of records) {
    metaOf(record);
    previewOf(record);
    turns.take(record);
    history.take(record);
  }
  return { turns: turns.turns(), historyLength: history.items.length };
}

function parseAll(text: string): RolloutItem[] {
  return text.split("\n").flatMap((line) => parseLine(line) ?? []);
}

async function seeds(): Promise<string[]> {
  const texts: string[] = [];
  for await (const entry of Deno.readDir(SEEDS)) texts.push(await Deno.readTextFile(new URL(entry.name, SEEDS)));
  return texts;
}

Deno.test("the reader keeps every turn that ended before the damage", async () => {
  for (const text of await seeds()) {
    const whole = digest(parseAll(text)).turns;
    assert.ok(whole.length > 1);
    const at = fc.nat(text.length);
    fc.assert(
      fc.property(at, fc.string({ maxLength: 20 }), fc.boolean(), (cut, noise, goesOn) => {
        const { turns } = digest(parseAll(text.slice(0, cut) + noise + (goesOn ? text.slice(cut) : "")));
        const ended = text.slice(0, cut).split("\n").slice(0, -1).filter((line) => line.includes('"task_complete"'));
        const wanted = whole.filter((turn) => turn.status === "completed").slice(0, ended.length);
        for (const turn of wanted) {
          assert.deepEqual(turns.find((kept) => kept.id === turn.id), turn);
        }
      }),
      RUNS,
    );
  }
});

const EVENTS = [
  "task_started",
  "task_complete",
  "turn_aborted",
  "user_message",
  "agent_message",
  "agent_reasoning",
  "exec_command_end",
  "patch_apply_end",
  "mcp_tool_call_end",
  "dynamic_tool_call_response",
  "web_search_end",
  "view_image_tool_call",
  "image_generation_end",
  "item_completed",
  "context_compacted",
  "entered_review_mode",
  "exited_review_mode",
  "thread_rolled_back",
  "token_count",
  "error",
] as const;

const FIELDS = [
  "turn_id",
  "call_id",
  "message",
  "text",
  "phase",
  "memory_citation",
  "images",
  "text_elements",
  "command",
  "parsed_cmd",
  "duration",
  "exit_code",
  "status",
  "changes",
  "invocation",
  "result",
  "action",
  "item",
  "content_items",
  "num_turns",
  "started_at",
  "source",
] as const;

const anyRecord = fc.record({
  timestamp: fc.constant("2026-11-22T19:34:16.784Z"),
  type: fc.constantFrom(
    "event_msg",
    "event_msg",
    "event_msg",
    "response_item",
    "compacted",
    "session_meta",
    "turn_context",
  ),
  payload: fc.tuple(
    fc.constantFrom(...EVENTS),
    fc.dictionary(
      fc.constantFrom(...FIELDS),
      fc.oneof(fc.constantFrom("t1", "t2", "c1", 1, 2, 0.5, -1, null), fc.jsonValue({ maxDepth: 3 })),
    ),
  ).map(([type, fields]) => ({ ...fields, type })),
});

Deno.test("any records give turns that the wire's schema accepts", () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 15 }), (records) => {
      const text = records.map((record) => JSON.stringify(record)).join("\n");
      for (const turn of digest(parseAll(text)).turns) {
        // The error kind is passed on as recorded; clients take unknown ones.
        const checked = turn.error === null ? turn : { ...turn, error: { ...turn.error, codexErrorInfo: null } };
        assert.ok(Value.Check(Turn, checked), JSON.stringify([...Value.Errors(Turn, checked)].slice(0, 2)));
      }
    }),
    RUNS,
  );
});

Deno.test("readRollout() gives the same records however the file is cut into chunks", async () => {
  await using folder = await tempFolder();
  const filler = JSON.stringify({ type: "compacted", payload: { message: "é€𝄞".repeat(30_000) } });
  for (const text of await seeds()) {
    const path = await folder.write("big.jsonl", `${text}${filler}\r\n${filler}\n${text}`);
    const records: RolloutItem[] = [];
    for await (const record of readRollout(path)) records.push(record);
    assert.deepEqual(records, parseAll(await Deno.readTextFile(path)));
  }
});
