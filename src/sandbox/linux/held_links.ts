// Protected names that are symbolic links. A mount follows a link, so what it leads to is bound by its own path; that a
// command cannot put something else in the link's place takes a mount of the link on itself, which bubblewrap cannot
// make: a stage of ours does, inside, before it becomes the command (hold_links_stage.ts).
import { baseName, isInside, joinPath, parentPath } from "../../base/absolute_path.ts";
import { decodeOsBytes, encodeOsString } from "../../base/os_string.ts";
import { findLinkStat, findLinkTarget, findStat } from "../../host/files.ts";
import type { ProtectedMount } from "../protected_paths.ts";
import { firstMissing, gitFolderMounts } from "../protected_paths.ts";
import { canBeReplaced } from "./name_tricks.ts";

export interface HeldLink {
  readonly path: string;
  /** What it says, relative or absolute. The stage refuses a link that says something else by then. */
  readonly text: string;
}

/** What the stage has to do. */
export interface HoldLinksRequest {
  readonly links: readonly HeldLink[];
  readonly argv: readonly string[];
}

/** What bubblewrap leaves the stage: to mount, and to give both up for good. */
export const STAGE_CAPABILITIES = ["CAP_SETPCAP", "CAP_SYS_ADMIN"] as const;

/** As many as the kernel follows. */
const MAX_LINKS = 40;

/** What keeps a protected link as it is: the links on its way that a command could replace, and what it leads to. */
export async function holdLink(
  place: string,
  roots: readonly string[],
  uid: number | null,
): Promise<readonly ProtectedMount[]> {
  const { links, end } = await followLinks(place);
  const isWritable = (path: string): boolean => roots.some((root) => isInside(path, root));
  const mounts: ProtectedMount[] = [];
  for (const { path, text } of links) {
    if (isWritable(parentPath(path)) && await canBeReplaced(path, uid)) mounts.push({ path, access: "link", text });
  }
  if (end === null || !isWritable(end)) return mounts;
  const stat = await findStat(end);
  if (stat === null) return [...mounts, { path: await firstMissing(end), access: "missing" }];
  mounts.push({ path: end, access: "read" });
  if (stat.kind === "file" && baseName(place) === ".git") mounts.push(...await gitFolderMounts(end, roots));
  return mounts;
}

/** Every link on the way from a path whose parent is real, and where it ends: null when links lead in a circle. */
async function followLinks(place: string): Promise<{ links: readonly HeldLink[]; end: string | null }> {
  const links: HeldLink[] = [];
  const rest = [baseName(place)];
  let at = parentPath(place);
  while (rest.length > 0) {
    const name = rest.shift() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = parentPath(at);
      continue;
    }
    const path = joinPath(at, name);
    const text = (await findLinkStat(path))?.kind === "symlink" ? await findLinkTarget(path) : null;
    if (text === null) {
      at = path;
      continue;
    }
    if (links.length === MAX_LINKS) return { links, end: null };
    links.push({ path, text });
    rest.unshift(...text.split("/"));
    if (text.startsWith("/")) at = "/";
  }
  return { links, end: at };
}

/** Bytes that carry any argument exactly. */
export function encodeRequest({ links, argv }: HoldLinksRequest): Uint8Array<ArrayBuffer> {
  const texts = [String(links.length), ...links.flatMap(({ path, text }) => [path, text]), ...argv];
  return encodeOsString(texts.join("\0"));
}

export function decodeRequest(bytes: Uint8Array): HoldLinksRequest {
  const [count = "0", ...texts] = decodeOsBytes(bytes).split("\0");
  const words = 2 * Number(count);
  const links: HeldLink[] = [];
  for (let at = 0; at < words; at += 2) links.push({ path: texts[at] ?? "", text: texts[at + 1] ?? "" });
  return { links, argv: texts.slice(words) };
}
