import { deepEqual } from "node:assert/strict";
import { allSpellings, kernelSpelling } from "../../../../src/sandbox/macos/mac_paths.ts";

const rows: readonly (readonly [path: string, kernel: string, all: readonly string[]])[] = [
  ["/tmp", "/private/tmp", ["/private/tmp", "/tmp", "/System/Volumes/Data/private/tmp"]],
  ["/var/x", "/private/var/x", ["/private/var/x", "/var/x", "/System/Volumes/Data/private/var/x"]],
  ["/private/etc/", "/private/etc", ["/private/etc", "/etc", "/System/Volumes/Data/private/etc"]],
  ["/tmpx", "/tmpx", ["/tmpx", "/System/Volumes/Data/tmpx"]],
  ["/private/other", "/private/other", ["/private/other", "/System/Volumes/Data/private/other"]],
  ["/System/Volumes/Data/Users/a", "/Users/a", ["/Users/a", "/System/Volumes/Data/Users/a"]],
  ["/System/Volumes/Data/tmp", "/private/tmp", ["/private/tmp", "/tmp", "/System/Volumes/Data/private/tmp"]],
  ["/", "/", ["/"]],
];
for (const [path, kernel, all] of rows) {
  Deno.test(`the spellings of ${path}`, () => deepEqual([kernelSpelling(path), allSpellings(path)], [kernel, all]));
}
