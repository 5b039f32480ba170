// What the user agent says of this machine: the operating system by name and version, and the terminal.
import { findText } from "../host/files.ts";
import { osRelease, type Platform } from "../host/platform.ts";

/** For example "Debian 12.0.0". */
export async function describeSystem({ os }: Pick<Platform, "os">): Promise<string> {
  switch (os) {
    case "linux":
      return linuxName(await findText("/etc/os-release").catch(() => null) ?? "");
    case "macos":
      return macName(await findText("/System/Library/CoreServices/SystemVersion.plist").catch(() => null) ?? "");
    case "windows":
      return `Windows ${threeParts(osRelease())}`;
  }
}

/** `text` is an os-release file. Source: os-release(5). */
export function linuxName(text: string): string {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}=(["']?)(.*)\\1$`, "m").exec(text)?.[2] || undefined;
  const name = field("NAME")?.replace(/ GNU\/Linux$/, "") ?? "Linux";
  return `${name} ${threeParts(field("VERSION_ID") ?? "")}`;
}

function macName(plist: string): string {
  const version = /<key>ProductVersion<\/key>\s*<string>([^<]*)<\/string>/.exec(plist)?.[1];
  return `Mac OS ${threeParts(version ?? "")}`;
}

/** "12" → "12.0.0"; as the reference writes versions. */
function threeParts(version: string): string {
  const numbers = version.split(".").map((part) => Number.parseInt(part, 10)).filter((part) => !Number.isNaN(part));
  return numbers.length === 0 ? "Unknown" : [0, 1, 2].map((at) => numbers[at] ?? 0).join(".");
}

/** For example "iTerm.app/3.5.0" or "xterm-256color"; only characters that a header may carry. */
export function describeTerminal(environment: Readonly<Record<string, string>>): string {
  const { TERM_PROGRAM: program, TERM_PROGRAM_VERSION: version, TERM: term } = environment;
  const text = program ? (version ? `${program}/${version}` : program) : term || "unknown";
  return text.replace(/[^A-Za-z0-9._/-]/g, "_");
}
