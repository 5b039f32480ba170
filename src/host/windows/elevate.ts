// This program again as administrator: Windows asks the person (UAC). An elevated program gets an environment of its own,
// so CODEX_HOME goes along in words. Source: ShellExecute's verb "runas".
import { CodexError, messageOf } from "../../base/errors.ts";
import { ownProgramFile } from "../own_program.ts";
import { encodedCommand, powershellFile, quoted, runPowershell } from "./powershell.ts";

const CANCELLED = 1223;

/** Settles when it has ended, however it did. @throws CodexError SANDBOX_UNAVAILABLE when the person said no. */
export async function startElevated(words: readonly string[], codexHome: string): Promise<void> {
  const inner = `$env:CODEX_HOME=${quoted(codexHome)}; & ${quoted(ownProgramFile())} ${words.map(quoted).join(" ")}; ` +
    "exit $LASTEXITCODE";
  const args = `-NoProfile -NonInteractive -EncodedCommand ${encodedCommand(inner)}`;
  const script = `try { Start-Process -FilePath ${quoted(powershellFile())} -ArgumentList ${quoted(args)} ` +
    `-Verb RunAs -Wait -WindowStyle Hidden } catch { $e = $_.Exception; while ($e) { ` +
    `if ($e.NativeErrorCode -eq ${CANCELLED} -or $e.HResult -eq -2147023673) { 'cancelled'; exit 0 }; ` +
    `$e = $e.InnerException }; throw }; 'ended'`;
  let said: string;
  try {
    said = await runPowershell(script, { timeoutMs: null });
  } catch (cause) {
    throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot become administrator: ${messageOf(cause)}`, { cause });
  }
  if (said === "ended") return;
  const why = said === "cancelled"
    ? `the person said no (Windows error ${CANCELLED})`
    : `it said ${JSON.stringify(said)}`;
  throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot become administrator: ${why}`, {
    hint:
      "Ask for the setup again and allow it, or run `codex sandbox windows setup` in a terminal of an administrator",
  });
}
