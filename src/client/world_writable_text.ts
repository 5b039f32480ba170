// What a person is told of folders that everybody may write to on Windows. Pure.
import type { ServerNotificationParams } from "../protocol/server_notifications.ts";

export function worldWritableText(
  { samplePaths, extraCount, failedScan }: ServerNotificationParams<"windows/worldWritableWarning">,
): string {
  if (samplePaths.length === 0) {
    return "Cannot tell whether there are folders that everybody may write to: sandboxed commands could write there too";
  }
  const more = extraCount > 0 ? `\nand ${extraCount} more` : "";
  const unsure = failedScan ? "\nThere may be others: not everything could be looked at" : "";
  return `Sandboxed commands can write to these folders, because everybody may:\n${
    samplePaths.join("\n")
  }${more}${unsure}`;
}
