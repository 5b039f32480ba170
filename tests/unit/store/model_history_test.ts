import assert from "node:assert/strict";
import { ModelHistory } from "../../../src/store/model_history.ts";
import { parseLine } from "../../../src/store/rollout_line.ts";
import { completed, event, line, said, started } from "../../support/rollout_lines.ts";

function message(role: string, text: string): object {
  return { type: "message", role, content: [{ type: "input_text", text }] };
}

/** The texts of the history that `lines` leave. */
function texts(...lines: string[]): string[] {
  const history = new ModelHistory();
  for (const text of lines.join("").split("\n")) {
    const record = parseLine(text);
    if (record !== null) history.take(record);
  }
  return history.items.map((item) =>
    item.type === "message" && item.content[0] && "text" in item.content[0] ? item.content[0].text : item.type
  );
}

const user = (text: string): string => line("response_item", message("user", text)) + said(text);
const item = (role: string, text: string): string => line("response_item", message(role, text));

Deno.test("ModelHistory keeps, replaces and takes back items", () => {
  const turn1 = started("t1") + item("developer", "rules") + user("a") + item("assistant", "A") + completed("t1");
  const turn2 = started("t2") + user("b") + user("steer") + item("assistant", "B") + completed("t2");
  const compact = line("compacted", { message: "sum", replacement_history: [message("user", "sum"), { no: "type" }] });
  const rollBack = (count: number): string => event("thread_rolled_back", { num_turns: count });
  const rows: [title: string, lines: string[], want: string[]][] = [
    ["in order", [turn1, turn2], ["rules", "a", "A", "b", "steer", "B"]],
    ["rolled back one turn with all its messages", [turn1, turn2, rollBack(1)], ["rules", "a", "A"]],
    ["rolled back, then on", [turn1, turn2, rollBack(1), started("t3"), user("c")], ["rules", "a", "A", "c"]],
    ["rolled back twice", [turn1, turn2, rollBack(1), rollBack(1)], ["rules"]],
    ["rolled back further than there is", [turn1, rollBack(9)], ["rules"]],
    ["compacted", [turn1, compact, turn2], ["sum", "b", "steer", "B"]],
    ["compacted, then rolled back", [turn1, compact, turn2, rollBack(1)], ["sum"]],
    ["compacted, then rolled back past it", [turn1, compact, turn2, rollBack(2)], ["sum"]],
    ["compacted before replacements were recorded", [turn1, line("compacted", { message: "sum" })], ["a", "sum"]],
    ["snapshots are not for the model", [line("response_item", { type: "ghost_snapshot" }), turn1], [
      "rules",
      "a",
      "A",
    ]],
    ["unknown items are passed on", [line("response_item", { type: "new_kind" })], ["new_kind"]],
  ];
  for (const [title, lines, want] of rows) assert.deepEqual(texts(...lines), want, title);
});
