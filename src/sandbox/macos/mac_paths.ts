// The spellings that one place has on macOS: links at the root lead to /private, and the writable part of the disk is
// mounted below /System/Volumes/Data and shown at the root through firmlinks. Pure. Source: hier(7), firmlinks of APFS.
import { isInside, normalizePath } from "../../base/absolute_path.ts";

const ROOT_LINKS = ["/etc", "/tmp", "/var"];
const DATA_VOLUME = "/System/Volumes/Data";

/** The spelling that the kernel compares rules with. */
export function kernelSpelling(path: string): string {
  const normal = normalizePath(path);
  const short = normal === DATA_VOLUME || !isInside(normal, DATA_VOLUME) ? normal : normal.slice(DATA_VOLUME.length);
  return ROOT_LINKS.some((link) => isInside(short, link)) ? `/private${short}` : short;
}

/** All spellings, the kernel's first: a rule that takes something away names each. */
export function allSpellings(path: string): readonly string[] {
  const kernel = kernelSpelling(path);
  const linked = kernel.replace(/^\/private/, "");
  const isLinked = linked !== kernel && ROOT_LINKS.some((link) => isInside(linked, link));
  return [kernel, ...(isLinked ? [linked] : []), ...(kernel === "/" ? [] : [`${DATA_VOLUME}${kernel}`])];
}
