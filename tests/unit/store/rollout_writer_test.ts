import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { type AppendFile, openAppend } from "../../../src/host/files.ts";
import { createThreadStore } from "../../../src/store/file_thread_store.ts";
import { eventRecord } from "../../../src/store/rollout_record.ts";
import type { ThreadStore } from "../../../src/store/thread_store.ts";
import { answered, completed, metaLine, said, sessionMeta, started, THREAD_ID } from "../../support/rollout_lines.ts";
import { tempFolder } from "../../support/temp_folder.ts";

const clock = { nowMs: (): number => Date.parse("2026-11-22T19:34:16.784Z") };
const word = (text: string): ReturnType<typeof eventRecord> => eventRecord("agent_message", { message: text });

async function words(path: string): Promise<unknown[]> {
  const text = await Deno.readTextFile(path);
  assert.ok(text.endsWith("\n"), "the file ends with a whole line");
  return text.trimEnd().split("\n").map((line) => {
    const record = JSON.parse(line);
    return record.payload.message ?? record.type;
  });
}

Deno.test("RolloutFile makes the file with its first record, for its owner only", async () => {
  await using folder = await tempFolder();
  const writer = createThreadStore({ codexHome: folder.path, clock }).create(sessionMeta());
  const local = new Date("2026-11-22T19:34:15.161Z");
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [local.getFullYear(), two(local.getMonth() + 1), two(local.getDate())];
  const time = [local.getHours(), local.getMinutes(), local.getSeconds()].map(two).join("-");
  assert.equal(
    writer.path,
    `${folder.path}/sessions/${day.join("/")}/rollout-${day.join("-")}T${time}-${THREAD_ID}.jsonl`,
  );
  await writer.flush();
  await assert.rejects(Deno.stat(`${folder.path}/sessions`), Deno.errors.NotFound);

  writer.append([word("one")]);
  writer.append([word("two"), word("three")]);
  await writer.flush({ sync: true });
  assert.deepEqual(await words(writer.path), ["session_meta", "one", "two", "three"]);
  assert.equal((await Deno.stat(writer.path)).mode! & 0o777, 0o600);
  assert.equal(
    (await Deno.readTextFile(writer.path)).split("\n")[0] + "\n",
    metaLine(),
    "the first record is the reference's, byte for byte",
  );
  await writer.close();
  assert.throws(() => writer.append([word("late")]), /closed session file/);
});

Deno.test("RolloutFile keeps the order of what is appended while it writes", async () => {
  await using folder = await tempFolder();
  const writer = createThreadStore({ codexHome: folder.path, clock }).create(sessionMeta());
  const wanted: string[] = ["session_meta"];
  const flushes: Promise<void>[] = [];
  for (let round = 0; round < 50; round++) {
    writer.append([word(`w${round}`)]);
    wanted.push(`w${round}`);
    if (round % 3 === 0) flushes.push(writer.flush());
    if (round % 7 === 0) await Promise.resolve();
  }
  await Promise.all(flushes);
  await writer.close();
  assert.deepEqual(await words(writer.path), wanted);
});

/** A disk that is full after `room` bytes, until `room` is raised. */
class SmallDisk {
  room: number;
  /** The next `truncate` fails. */
  refusesTruncate = false;

  constructor(room: number) {
    this.room = room;
  }

  readonly open = async (path: string, options: Parameters<typeof openAppend>[1]): Promise<AppendFile> => {
    const file = await openAppend(path, options);
    return {
      ...file,
      write: async (bytes): Promise<void> => {
        const fitting = bytes.subarray(0, this.room);
        await file.write(fitting);
        this.room -= fitting.length;
        if (fitting.length < bytes.length) throw new Error("No space left on device (os error 28)");
      },
      truncate: (size): Promise<void> => {
        const refuses = this.refusesTruncate;
        this.refusesTruncate = false;
        return refuses ? Promise.reject(new Error("Input/output error (os error 5)")) : file.truncate(size);
      },
    };
  };
}

Deno.test("RolloutFile keeps no half line on a full disk and writes it all once there is room", async () => {
  for (const refusesTruncate of [false, true]) {
    await using folder = await tempFolder();
    const disk = new SmallDisk(1_000);
    const store = createThreadStore({ codexHome: folder.path, clock, openFile: disk.open });
    const writer = store.create(sessionMeta());
    writer.append([word("one")]);
    await writer.flush();
    disk.room = 50;
    disk.refusesTruncate = refusesTruncate;
    writer.append([word("two"), word("x".repeat(100))]);
    await assert.rejects(writer.flush(), (error) => {
      assert.ok(error instanceof CodexError);
      assert.equal(error.code, "STORE_FAILED");
      assert.match(error.message, /^Cannot write the session file ".*\.jsonl": No space left on device/);
      assert.match(error.hint ?? "", /Free space/);
      return true;
    });
    const loaded = await store.load(THREAD_ID);
    assert.deepEqual(loaded.turns[0]?.items.map((item) => "text" in item ? item.text : ""), ["one"]);

    disk.room = 10_000;
    writer.append([word("three")]);
    await writer.flush();
    assert.deepEqual(await words(writer.path), ["session_meta", "one", "two", "x".repeat(100), "three"]);
    await writer.close();
  }
});

Deno.test("RolloutFile says where a session cannot be written, and tries again", async () => {
  await using folder = await tempFolder();
  await folder.write("sessions", "a file in the way");
  const writer = createThreadStore({ codexHome: folder.path, clock }).create(sessionMeta());
  writer.append([word("one")]);
  await assert.rejects(writer.flush(), (error) => error instanceof CodexError && error.code === "STORE_FAILED");
  await Deno.remove(`${folder.path}/sessions`);
  await writer.flush();
  assert.deepEqual(await words(writer.path), ["session_meta", "one"]);
  await writer.close();
});

async function withFile(text: string, work: (store: ThreadStore, path: string) => Promise<void>): Promise<void> {
  await using folder = await tempFolder();
  const path = await folder.write(`sessions/2026/11/22/rollout-2026-11-22T19-34-15-${THREAD_ID}.jsonl`, text);
  await work(createThreadStore({ codexHome: folder.path, clock }), path);
}

Deno.test("reopen() repairs what a kill left at the end of the file", async () => {
  const whole = metaLine() + started("t1") + said("a");
  const next = answered("m");
  const rows: [title: string, tail: string, want: string][] = [
    ["nothing torn", "", whole],
    ["a torn line", next.slice(0, 40), whole],
    ["a torn line of many bytes", `{"x":"${"é".repeat(100_000)}`, whole],
    ["a whole line that lacks its newline", next.trimEnd(), whole + next],
    ["torn inside of a character", "", whole],
  ];
  for (const [title, tail, want] of rows) {
    await withFile(whole + tail, async (store, path) => {
      if (title.endsWith("character")) {
        await Deno.writeFile(path, new Uint8Array([0x7b, 0x22, 0xc3]), { append: true });
      }
      const before = (await Deno.stat(path)).mtime;
      const thread = await store.load(THREAD_ID);
      const writer = await store.reopen(thread);
      await writer.flush();
      assert.deepEqual((await Deno.stat(path)).mtime, before, "opening alone changes nothing");
      writer.append([eventRecord("task_complete", { turn_id: "t1" })]);
      await writer.close();
      const text = await Deno.readTextFile(path);
      assert.equal(text.slice(0, want.length), want, title);
      assert.match(text.slice(want.length), /^\{.*"task_complete".*\}\n$/, title);
    });
  }
});

Deno.test("a thread that was killed resumes with everything before the torn line", async () => {
  const text = metaLine() + started("t1") + said("a") + answered("m") + completed("t1") + started("t2") + said("b");
  for (let cut = metaLine().length; cut <= text.length; cut += 13) {
    await withFile(text.slice(0, cut), async (store) => {
      const thread = await store.load(THREAD_ID);
      // A line that only lacks its newline is whole.
      const lines = text.slice(0, cut).split("\n").filter((line) => line.endsWith("}}")).length;
      assert.equal(thread.turns.length, lines >= 6 ? 2 : lines >= 2 ? 1 : 0, `cut at ${cut}`);
    });
  }
});

Deno.test("reopen() of a file that is gone is refused", async () => {
  await withFile(metaLine() + said("a"), async (store, path) => {
    const thread = await store.load(path);
    await Deno.remove(path);
    await assert.rejects(store.reopen(thread), (error) => {
      assert.ok(error instanceof CodexError);
      assert.equal(error.message, `failed to load rollout \`${path}\`: No such file or directory (os error 2)`);
      return true;
    });
  });
});
