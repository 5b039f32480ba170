// Windows PowerShell for what Windows offers as COM or as a verb only. It is never looked for on PATH.

export interface PowershellOptions {
  /** Null: a person may take their time. */
  readonly timeoutMs: number | null;
}

/** What the script writes. Rejects with an Error that says what it said, or that it cannot be started. */
export async function runPowershell(script: string, { timeoutMs }: PowershellOptions): Promise<string> {
  const text = `$ErrorActionPreference='Stop'; $ProgressPreference='SilentlyContinue'; ` +
    `try { ${script} } catch { [Console]::Error.WriteLine($_.Exception.Message); exit 1 }`;
  let result: Deno.CommandOutput;
  try {
    result = await new Deno.Command(powershellFile(), {
      args: ["-NoProfile", "-NonInteractive", "-EncodedCommand", encodedCommand(text)],
      stdin: "null",
      ...(timeoutMs === null ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
    }).output();
  } catch (cause) {
    throw new Error("Windows PowerShell cannot be started", { cause });
  }
  const decoder = new TextDecoder();
  if (result.code === 0) return decoder.decode(result.stdout).trim();
  throw new Error(decoder.decode(result.stderr).trim() || `PowerShell ended with ${result.code}`);
}

export function powershellFile(): string {
  return `${Deno.env.get("SystemRoot") ?? "C:\\Windows"}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;
}

/** UTF-16 as base64: the words of a script need no quotes on the way. */
export function encodedCommand(script: string): string {
  return new Uint8Array(Uint16Array.from(script, (char) => char.charCodeAt(0)).buffer).toBase64();
}

/** A PowerShell text that means itself; its other quotation marks count as ' too. */
export function quoted(text: string): string {
  return `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`;
}
