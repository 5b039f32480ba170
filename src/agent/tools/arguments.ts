// Optional arguments of a tool call, one at a time: the value, or null when it is absent, or what is wrong with it.

type Arguments = Readonly<Record<string, unknown>>;

export interface Argument<T> {
  readonly value: T | null;
  readonly problem: string | null;
}

function read<T>(args: Arguments, name: string, kind: string, isKind: (value: unknown) => value is T): Argument<T> {
  const value = args[name];
  if (value === undefined || value === null) return { value: null, problem: null };
  if (isKind(value)) return { value, problem: null };
  return { value: null, problem: `invalid type for \`${name}\`, expected ${kind}` };
}

export function readText(args: Arguments, name: string): Argument<string> {
  return read(args, name, "a string", (value) => typeof value === "string");
}

export function readFlag(args: Arguments, name: string): Argument<boolean> {
  return read(args, name, "a boolean", (value) => typeof value === "boolean");
}

/** Whole and not negative. */
export function readNumber(args: Arguments, name: string): Argument<number> {
  return read(
    args,
    name,
    "a whole number",
    (value): value is number => typeof value === "number" && Number.isInteger(value) && value >= 0,
  );
}

export function readWords(args: Arguments, name: string): Argument<string[]> {
  return read(
    args,
    name,
    "a list of strings",
    (value): value is string[] => Array.isArray(value) && value.every((word) => typeof word === "string"),
  );
}
