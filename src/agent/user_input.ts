// What a person sends to what the model sees: text as it is, images as data, skills as the text of their file.
// A file that cannot be read becomes a sentence about it, so that a turn never fails on its attachments.
import { isAbsolutePath, joinPath } from "../base/absolute_path.ts";
import { messageOf } from "../base/errors.ts";
import { findStat, findText, readBytes } from "../host/files.ts";
import type { UserInput } from "../protocol/types/item.ts";
import type { ContentItem, ResponseItem } from "../protocol/types/response_item.ts";

/** Larger images are refused: a request that carries one would be. */
const MAX_IMAGE_BYTES = 20 * 1024 * 1024;

const IMAGE_TYPES: readonly { readonly type: string; readonly magic: readonly number[]; readonly at: number }[] = [
  { type: "image/png", magic: [0x89, 0x50, 0x4e, 0x47], at: 0 },
  { type: "image/jpeg", magic: [0xff, 0xd8, 0xff], at: 0 },
  { type: "image/gif", magic: [0x47, 0x49, 0x46, 0x38], at: 0 },
  { type: "image/webp", magic: [0x57, 0x45, 0x42, 0x50], at: 8 },
];

/** Media type by the first bytes, or null when it is no image that models take. */
function imageTypeOf(bytes: Uint8Array): string | null {
  const found = IMAGE_TYPES.find(({ magic, at }) => magic.every((byte, index) => bytes[at + index] === byte));
  return found?.type ?? null;
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  // In pieces: a call with millions of arguments overflows the stack.
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

/** A data URL, or a sentence that says why there is none. */
async function readImage(path: string): Promise<{ url: string } | { problem: string }> {
  // wire: the beginning of the sentence is the reference's.
  const problem = (why: string): { problem: string } => ({
    problem: `Codex could not read the local image at \`${path}\`: ${why}`,
  });
  try {
    const stat = await findStat(path);
    if (stat === null) return problem("No such file or directory (os error 2)");
    if (stat.kind !== "file") return problem("it is not a file");
    if (stat.size > MAX_IMAGE_BYTES) return problem(`it is larger than ${MAX_IMAGE_BYTES} bytes`);
    const bytes = await readBytes(path);
    const type = imageTypeOf(bytes);
    return type === null
      ? problem("it is neither PNG, JPEG, GIF nor WebP")
      : { url: `data:${type};base64,${toBase64(bytes)}` };
  } catch (error) {
    return problem(messageOf(error));
  }
}

function text(value: string): ContentItem {
  return { type: "input_text", text: value };
}

function image(opening: string, url: string): ContentItem[] {
  return [text(opening), { type: "input_image", image_url: url }, text("</image>")];
}

async function readSkill(name: string, path: string): Promise<string> {
  const body = await findText(path).catch(() => null);
  return body === null
    ? `The skill \`${name}\` could not be read at \`${path}\`.`
    : `<skill>\n<name>${name}</name>\n<path>${path}</path>\n${body}\n</skill>`;
}

/** The user messages that one input makes: what was said, then a message for each skill. */
export async function inputMessages(input: readonly UserInput[], cwd: string): Promise<ResponseItem[]> {
  const content: ContentItem[] = [];
  const skills: string[] = [];
  let images = 0;
  for (const part of input) {
    switch (part.type) {
      case "text":
        content.push(text(part.text));
        break;
      case "image":
        images++;
        content.push(...image("<image>", part.url));
        break;
      case "localImage": {
        images++;
        const read = await readImage(isAbsolutePath(part.path) ? part.path : joinPath(cwd, part.path));
        if ("url" in read) content.push(...image(`<image name=[Image #${images}]>`, read.url));
        else content.push(text(read.problem));
        break;
      }
      case "skill":
        skills.push(await readSkill(part.name, part.path));
        break;
      case "mention":
        // The text around it already names it; there is nothing to add for the model.
        break;
    }
  }
  const messages: ResponseItem[] = content.length === 0 ? [] : [{ type: "message", role: "user", content }];
  for (const skill of skills) messages.push({ type: "message", role: "user", content: [text(skill)] });
  return messages;
}

/** The item that clients see; absent optional fields are spelled out. */
export function shownInput(input: readonly UserInput[]): UserInput[] {
  return input.map((part) => part.type === "text" ? { ...part, text_elements: part.text_elements ?? [] } : part);
}

/** What a thread is called in lists until it has a name. */
export function previewOf(input: readonly UserInput[]): string {
  return input.flatMap((part) => part.type === "text" ? [part.text] : []).join("");
}

/** The preview of a thread that begins with a history of the client's: its first text of the user. */
export function previewOfHistory(history: readonly ResponseItem[]): string {
  for (const item of history) {
    if (item.type !== "message" || item.role !== "user") continue;
    const text = item.content.flatMap((part) => part.type === "input_text" ? [part.text] : []).join("");
    if (text.trim() !== "") return text;
  }
  return "";
}
