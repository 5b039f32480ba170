// The environment of a sandboxed command on Windows, from data in sandbox_profiles/. Names are told apart without regard
// to case there. Pure.
import profile from "../../../sandbox_profiles/windows_environment.json" with { type: "json" };

export interface EnvironmentOptions {
  readonly isNetworkOff: boolean;
  /** What this process has; `PATH` and `PATHEXT` are taken from it when the command was given none. */
  readonly own: Readonly<Record<string, string>>;
}

const INHERITED_NAMES = ["PATH", "PATHEXT", "SystemRoot", "SystemDrive", "ComSpec", "TEMP", "TMP"] as const;

export function commandEnvironment(
  env: Readonly<Record<string, string>>,
  { isNetworkOff, own }: EnvironmentOptions,
): Readonly<Record<string, string>> {
  const result = new CaseBlindMap(Object.entries(env).map(([name, value]) => [name, withNul(value)] as const));
  const ours = new CaseBlindMap(Object.entries(own));
  for (const name of INHERITED_NAMES) {
    const value = ours.get(name);
    if (value !== undefined) result.setIfUnset(name, value);
  }
  for (const [name, value] of Object.entries(profile.ifUnset)) result.setIfUnset(name, value);
  for (const [name, value] of Object.entries(profile.always)) result.set(name, value);
  if (isNetworkOff) { for (const [name, value] of Object.entries(profile.networkOff)) result.set(name, value); }
  return result.toRecord();
}

/** Tools of posix origin are told to use a device that has another name here. */
function withNul(value: string): string {
  return value === "/dev/null" ? "NUL" : value;
}

class CaseBlindMap {
  readonly #rows = new Map<string, readonly [string, string]>();

  constructor(rows: readonly (readonly [string, string])[]) {
    for (const [name, value] of rows) this.set(name, value);
  }

  get(name: string): string | undefined {
    return this.#rows.get(name.toUpperCase())?.[1];
  }

  set(name: string, value: string): void {
    this.#rows.set(name.toUpperCase(), [this.#rows.get(name.toUpperCase())?.[0] ?? name, value]);
  }

  setIfUnset(name: string, value: string): void {
    if (!this.#rows.has(name.toUpperCase())) this.set(name, value);
  }

  toRecord(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#rows.values());
  }
}
