// The demo without a terminal: one turn over the WebSocket as a client of the protocol, with a readable transcript
// and a list of steps, each of which must have happened.

import { connectWebSocket, type Message } from "../support/json_rpc.ts";
import { DEMO_FILE } from "../support/model_script.ts";

export interface DemoOptions {
  url: string;
  token: string;
  workspace: string;
}

const REQUEST = "Please look at the list and add my wish";

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Plays the turn; 0 when every step happened, else 1. */
export async function playOneTurn({ url, token, workspace }: DemoOptions): Promise<number> {
  const steps = new Map<string, boolean>();
  steps.set("a connection without the token is refused", await isRefused(url));
  await using client = await connectWebSocket(url, token);
  const server = await client.initialize("codex_demo");
  print(`connected to ${server.userAgent}`);

  const completed = (): Message[] => client.notifications("item/completed").map((message) => message.params.item);
  let described = 0;
  const describeNew = (): void => {
    for (const item of completed().slice(described)) {
      describe(item);
      described++;
    }
  };
  const asked: Message[] = [];
  client.onAsk((request) => {
    asked.push(request);
    describeNew();
    print(`[approval]  ${request.method}: accepted`);
    return { decision: "accept" };
  });
  const before = await Deno.readTextFile(`${workspace}/${DEMO_FILE}`);
  const { thread } = await client.request("thread/start", { cwd: workspace });
  print(`you         ${REQUEST}`);
  const { turn } = await client.turn(thread.id, REQUEST);

  describeNew();
  const items = completed();
  const commands = items.filter((item) => item.type === "commandExecution");
  const answers = items.filter((item) => item.type === "agentMessage");
  const patches = items.filter((item) => item.type === "fileChange");
  const after = await Deno.readTextFile(`${workspace}/${DEMO_FILE}`);

  steps.set("text arrived before the command", answers.length > 1);
  steps.set("text was streamed", client.notifications("item/agentMessage/delta").length > 2);
  steps.set(
    "a command ran in the sandbox, which refused to let it write",
    commands.some((item) => item.exitCode === 0 && String(item.aggregatedOutput).includes("writing is refused")),
  );
  steps.set("the patch was asked for", asked.some((request) => request.method === "item/fileChange/requestApproval"));
  steps.set("the patch was applied", patches.some((item) => item.status === "completed"));
  steps.set("the file changed", after !== before && after.includes("asked for: Please look at the list"));
  steps.set("a summary ended the turn", /Summary.*changed/s.test(String(answers.at(-1)?.text)));
  steps.set("the turn completed", turn.status === "completed");

  const read = await client.request("thread/read", { threadId: thread.id, includeTurns: true });
  steps.set("the thread is remembered", read.thread.turns?.[0]?.items?.length >= 4);

  print("");
  print(`diff of ${DEMO_FILE}:`);
  for (const line of after.split("\n")) if (!before.includes(line)) print(`  + ${line}`);
  print("");
  for (const [step, happened] of steps) print(`${happened ? "ok  " : "FAIL"}  ${step}`);
  return [...steps.values()].every(Boolean) ? 0 : 1;
}

async function isRefused(url: string): Promise<boolean> {
  try {
    const client = await connectWebSocket(url);
    await client.close();
    return false;
  } catch {
    return true;
  }
}

function describe(item: Message): void {
  switch (item.type) {
    case "agentMessage":
      return print(`stand-in    ${item.text}`);
    case "commandExecution":
      print(`[command]   ${item.command} (exit ${item.exitCode})`);
      return print(String(item.aggregatedOutput ?? "").trimEnd().replace(/^/gm, "            "));
    case "fileChange":
      return print(`[patch]     ${item.changes.map((change: Message) => change.path).join(", ")}: ${item.status}`);
  }
}
