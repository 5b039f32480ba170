// What a person said enters a turn: first its record, then its item. Apart, so that a turn that fails can record input
// together with its end and tell it only when that is on disk.
import { uuidV4 } from "../base/ids.ts";
import type { ThreadItem, UserInput } from "../protocol/types/item.ts";
import type { Turn } from "./turn.ts";
import { inputMessages, shownInput } from "./user_input.ts";

/** Adds the input to what the model sees and to the record, unsaved. Returns the item to tell. */
export async function recordInput(turn: Turn, input: readonly UserInput[], cwd: string): Promise<ThreadItem> {
  turn.journal.response(...await inputMessages(input, cwd));
  const item: ThreadItem = { type: "userMessage", id: uuidV4(), content: shownInput(input) };
  turn.recordItem(item);
  return item;
}

/** Saves the record, then tells the item. @throws CodexError STORE_FAILED: then nothing was told. */
export async function tellInput(turn: Turn, item: ThreadItem): Promise<void> {
  await turn.journal.save();
  turn.inputSaved();
  turn.startItem(item);
  await turn.finishItem(item);
}
