// THE TABLE of keys: which key means what, by what has the focus. Keys that are not listed go to the composer.
import { type KeyId, matchesKey } from "@earendil-works/pi-tui";

export type KeyName =
  | "up"
  | "down"
  | "confirm"
  | "cancel"
  | "erase"
  | "complete"
  | "interrupt"
  | "clearOrQuit"
  | "quit"
  | "queue"
  | "editQueued"
  | "suspend"
  | "choose:y"
  | "choose:p"
  | "choose:a"
  | "choose:d"
  | "choose:n"
  | "pick:1"
  | "pick:2"
  | "pick:3"
  | "pick:4"
  | "pick:5"
  | "pick:6"
  | "pick:7"
  | "pick:8"
  | "pick:9";

/** What has the focus. `idle`: an empty composer. */
export type KeyContext = "approval" | "list" | "popup" | "composer" | "idle";

type Keys = readonly (readonly [KeyId, KeyName])[];

const always: Keys = [["ctrl+c", "clearOrQuit"], ["ctrl+z", "suspend"]];
const rows: Keys = [["up", "up"], ["down", "down"], ["ctrl+p", "up"], ["ctrl+n", "down"], ["enter", "confirm"]];
const digits: Keys = [
  ["1", "pick:1"],
  ["2", "pick:2"],
  ["3", "pick:3"],
  ["4", "pick:4"],
  ["5", "pick:5"],
  ["6", "pick:6"],
  ["7", "pick:7"],
  ["8", "pick:8"],
  ["9", "pick:9"],
];
const composer: Keys = [
  ...always,
  ["escape", "interrupt"],
  ["tab", "queue"],
  ["shift+left", "editQueued"],
  ["alt+up", "editQueued"],
];

export const keymap: Readonly<Record<KeyContext, Keys>> = {
  approval: [
    ...rows,
    ...digits,
    ["y", "choose:y"],
    ["p", "choose:p"],
    ["a", "choose:a"],
    ["d", "choose:d"],
    ["n", "choose:n"],
    ["escape", "cancel"],
    ["ctrl+c", "cancel"],
  ],
  list: [...rows, ["escape", "cancel"], ["ctrl+c", "cancel"], ["backspace", "erase"]],
  popup: [...rows, ["tab", "complete"], ["escape", "cancel"], ...always],
  composer,
  idle: [...composer, ["ctrl+d", "quit"]],
};

/** What `data`, one key as the terminal sent it, means in a context; null when it is not in the table. */
export function findKey(data: string, context: KeyContext): KeyName | null {
  for (const [id, name] of keymap[context]) if (matchesKey(data, id)) return name;
  return null;
}
