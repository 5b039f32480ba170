// A pseudo-console (ConPTY): a terminal for a command between two pipes. Windows 10 1809 or later.
import { firstU64, type WindowsApi } from "./api.ts";
import { CodexError } from "../../base/errors.ts";
import { createPipe } from "./streams.ts";

export interface PseudoConsole {
  readonly handle: bigint;
  /** What the person types goes in here. */
  readonly input: bigint;
  /** What is to be shown comes out here. */
  readonly output: bigint;
  /** Ends `output` once all was read. */
  close(): Promise<void>;
}

/** @throws CodexError SANDBOX_UNSUPPORTED where Windows has none. */
export function createPseudoConsole(
  api: WindowsApi,
  size: { readonly rows: number; readonly columns: number },
): PseudoConsole {
  // The console's own process inherits its ends, and nobody else: who is started after it is given a list of handles.
  const typed = createPipe(api, { inheritable: true });
  const shown = createPipe(api, { inheritable: true });
  const handle = new Uint8Array(8);
  const coordinates = (size.rows << 16) | size.columns;
  const result = api.CreatePseudoConsole(coordinates, typed.readEnd, shown.writeEnd, 0, handle);
  api.CloseHandle(typed.readEnd);
  api.CloseHandle(shown.writeEnd);
  if (result !== 0) {
    api.CloseHandle(typed.writeEnd);
    api.CloseHandle(shown.readEnd);
    throw new CodexError("SANDBOX_UNSUPPORTED", `Cannot make a terminal: Windows answered ${result >>> 0}`, {
      hint: "Windows 10 1809 or later has pseudo-consoles",
    });
  }
  return {
    handle: firstU64(handle),
    input: typed.writeEnd,
    output: shown.readEnd,
    async close(): Promise<void> {
      await api.ClosePseudoConsole(firstU64(handle));
      api.CloseHandle(typed.writeEnd);
    },
  };
}
