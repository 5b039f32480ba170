import assert from "node:assert/strict";
import { inputMessages, previewOf, previewOfHistory } from "../../../src/agent/user_input.ts";
import type { UserInput } from "../../../src/protocol/types/item.ts";
import type { ResponseItem } from "../../../src/protocol/types/response_item.ts";

const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

async function contentOf(input: UserInput[]): Promise<unknown> {
  const cwd = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${cwd}/pic.png`, PNG);
    await Deno.writeTextFile(`${cwd}/note.txt`, "no image");
    await Deno.writeTextFile(`${cwd}/SKILL.md`, "Do it well.");
    const messages = await inputMessages(
      input.map((part) => "path" in part && part.type === "skill" ? { ...part, path: `${cwd}/${part.path}` } : part),
      cwd,
    );
    return JSON.parse(
      JSON.stringify(messages.map((item) => item.type === "message" ? item.content : item)).replaceAll(cwd, "/ws"),
    );
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

const text = (value: string): { type: string; text: string } => ({ type: "input_text", text: value });

const ROWS: readonly { name: string; input: UserInput[]; expected: unknown }[] = [
  { name: "text", input: [{ type: "text", text: "hi" }], expected: [[text("hi")]] },
  {
    name: "an image by address and one by path, numbered over both",
    input: [{ type: "text", text: "hi" }, { type: "image", url: "data:x" }, { type: "localImage", path: "pic.png" }],
    expected: [[
      text("hi"),
      text("<image>"),
      { type: "input_image", image_url: "data:x" },
      text("</image>"),
      text("<image name=[Image #2]>"),
      { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=" },
      text("</image>"),
    ]],
  },
  {
    name: "images that cannot be read, as sentences",
    input: [{ type: "localImage", path: "/nope.png" }, { type: "localImage", path: "note.txt" }],
    expected: [[
      text("Codex could not read the local image at `/nope.png`: No such file or directory (os error 2)"),
      text("Codex could not read the local image at `/ws/note.txt`: it is neither PNG, JPEG, GIF nor WebP"),
    ]],
  },
  {
    name: "a skill, as a message of its own; a mention, not at all",
    input: [{ type: "text", text: "$s" }, { type: "skill", name: "s", path: "SKILL.md" }, {
      type: "mention",
      name: "m",
      path: "app://x",
    }],
    expected: [[text("$s")], [text("<skill>\n<name>s</name>\n<path>/ws/SKILL.md</path>\nDo it well.\n</skill>")]],
  },
];

for (const { name, input, expected } of ROWS) {
  Deno.test(`inputMessages() gives ${name}`, async () => assert.deepEqual(await contentOf(input), expected));
}

Deno.test("previewOf() is the text alone", () => {
  assert.equal(
    previewOf([{ type: "image", url: "x" }, { type: "text", text: "a" }, { type: "text", text: "b" }]),
    "ab",
  );
});

Deno.test("previewOfHistory() is the first text of the user", () => {
  const message = (role: string, ...texts: string[]): ResponseItem => ({
    type: "message",
    role,
    content: texts.map((value) => ({ type: role === "assistant" ? "output_text" : "input_text", text: value })),
  });
  const history = [
    message("developer", "rules"),
    message("assistant", "hello"),
    message("user", " "),
    message("user", "a", "b"),
  ];
  assert.equal(previewOfHistory(history), "ab");
  assert.equal(previewOfHistory([message("user", "c"), ...history]), "c");
  assert.equal(previewOfHistory(history.slice(0, 2)), "");
});
