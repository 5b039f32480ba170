// THE TABLE of slash commands. The popup, /help and the parser read it.

export interface SlashCommand {
  readonly name: string;
  readonly doc: string;
  /** Other names that do the same; not listed in the popup. */
  readonly aliases?: readonly string[];
  /** What has to follow the name, as shown to people; without it nothing may. */
  readonly argument?: string;
  /** May be given while a turn runs. */
  readonly whileBusy: boolean;
}

export const slashCommands = [
  { name: "model", doc: "choose the model and its reasoning effort for the next turns", whileBusy: true },
  { name: "new", doc: "start a new thread; this one stays stored", whileBusy: false },
  { name: "status", doc: "show the thread, its settings and the tokens used", whileBusy: true },
  {
    name: "sandbox-add-read-dir",
    doc: "Windows: let sandboxed commands of this session read a folder",
    argument: "FOLDER",
    whileBusy: true,
  },
  { name: "help", doc: "list the commands and keys", whileBusy: true },
  { name: "quit", doc: "leave; the thread stays stored", aliases: ["exit"], whileBusy: true },
] as const satisfies readonly SlashCommand[];

export type SlashName = (typeof slashCommands)[number]["name"];
export type SlashRow = SlashCommand & { readonly name: SlashName };

/** Commands whose name, or other name, begins as typed: what the popup lists. Empty when `draft` is not one. */
export function matchSlashCommands(draft: string): readonly SlashRow[] {
  const typed = /^\/([\w-]*)$/.exec(draft)?.[1]?.toLowerCase();
  if (typed === undefined) return [];
  const rows: readonly SlashRow[] = slashCommands;
  return rows.filter((row) => [row.name, ...row.aliases ?? []].some((name) => name.startsWith(typed)));
}

export type ParsedSlash =
  | { readonly kind: "command"; readonly row: SlashRow; readonly argument: string | null }
  | { readonly kind: "unknown"; readonly name: string }
  /** Not a command: a message, e.g. one that begins with a path. */
  | { readonly kind: "text" };

export function parseSlash(text: string): ParsedSlash {
  const [, typed, argument = ""] = /^\/([\w-]+)(?:\s+(.*))?$/s.exec(text.trim()) ?? [];
  const name = typed?.toLowerCase();
  if (name === undefined) return { kind: "text" };
  const rows: readonly SlashRow[] = slashCommands;
  const row = rows.find((one) => one.name === name || one.aliases?.includes(name));
  if (argument === "") return row ? { kind: "command", row, argument: null } : { kind: "unknown", name };
  return row?.argument === undefined ? { kind: "text" } : { kind: "command", row, argument };
}
