// What a client's `windowsSandbox/setupStart` does: the unelevated level needs its SIDs alone; for the elevated one this
// program starts itself again as administrator, which Windows asks the person about.
import { CodexError } from "../base/errors.ts";
import type { Platform } from "../host/platform.ts";
import type { ParamsOf } from "../protocol/client_requests.ts";

export interface SetupMachine {
  readonly codexHome: string;
  readonly platform: Platform;
}

/** @throws CodexError SANDBOX_UNSUPPORTED | SANDBOX_UNAVAILABLE */
export async function setUpWindowsSandbox(
  mode: ParamsOf<"windowsSandbox/setupStart">["mode"],
  { codexHome, platform }: SetupMachine,
): Promise<void> {
  if (platform.os !== "windows") {
    // wire: both sentences
    const level = mode === "elevated" ? "elevated" : "legacy";
    throw new CodexError("SANDBOX_UNSUPPORTED", `${level} Windows sandbox setup is only supported on Windows`);
  }
  if (mode === "unelevated") {
    const { readCapabilitySids, writeCapabilitySids } = await import("../sandbox/windows/capability_file.ts");
    return await writeCapabilitySids(codexHome, await readCapabilitySids(codexHome));
  }
  const { openWindowsSetup } = await import("../sandbox/windows/windows_setup.ts");
  const { setUp, setUpAsAdministrator } = await import("../sandbox/windows/setup.ts");
  const { system, places } = await openWindowsSetup(codexHome);
  if (!system.isAdministrator()) return await setUpAsAdministrator(system, places);
  await setUp({ system, places, dryRun: false, onStep: () => {} });
}
