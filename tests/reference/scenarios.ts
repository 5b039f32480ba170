// The scenarios that every pair of terminal UI and app server must pass. Screens are matched by facts that both
// makers print (what was typed, what the model said, what a command printed), and side effects are checked on disk
// and at the model.

import assert from "node:assert/strict";
import { PLAIN_TEXT, SUMMARY_TEXT } from "../support/model_script.ts";
import { waitUntil } from "../support/process.ts";
import type { Terminal } from "../support/tmux.ts";
import type { Pair } from "./pair.ts";

export interface Scenario {
  name: string;
  run(pair: Pair): Promise<void>;
}

export const SCENARIOS: Scenario[] = [
  { name: "startup reaches the composer", run: startup },
  { name: "a plain turn shows the answer", run: plainTurn },
  { name: "a command runs in the sandbox without asking", run: sandboxedCommand },
  { name: "a command outside of the sandbox is asked for and approved", run: approvedCommand },
  { name: "a command outside of the sandbox is asked for and denied", run: deniedCommand },
  { name: "a patch is asked for, approved and applied", run: approvedPatch },
  { name: "Esc interrupts a streaming answer", run: interruptedStream },
  { name: "quit, then resume --last shows the earlier turns", run: quitAndResume },
];

async function startup(pair: Pair): Promise<void> {
  await using terminal = await pair.openTui();
  await ready(pair, terminal);
  await quit(terminal);
}

async function plainTurn(pair: Pair): Promise<void> {
  await using terminal = await pair.openTui();
  await ready(pair, terminal);
  await say(pair, terminal, "please greet me %plain");
  await terminal.waitFor([/please greet me %plain/, literal(PLAIN_TEXT)]);
  await quit(terminal);
}

async function sandboxedCommand(pair: Pair): Promise<void> {
  await using terminal = await pair.openTui();
  await ready(pair, terminal);
  const probe = `${pair.outside}/escaped_${pair.client}_${pair.server}`;
  // Long enough that a client draws the command; "|| echo" makes a refused write an ordinary output.
  const command = `sleep 0.4; touch ${probe} 2>/dev/null || echo refused-$((6*7)); echo inside > made_inside.txt`;
  await say(pair, terminal, `run it %sh:${command}`);
  await terminal.waitFor([literal(SUMMARY_TEXT), ...shown(pair, /refused-42/)]);
  assert.equal(await readText(probe), undefined, "the sandbox let a write out");
  assert.equal(await readText(`${pair.workspace}/made_inside.txt`), "inside\n");
  assert.match(lastToolOutput(pair), /refused-42/);
  await quit(terminal);
}

async function approvedCommand(pair: Pair): Promise<void> {
  await using terminal = await pair.openTui();
  await ready(pair, terminal);
  const target = `${pair.outside}/approved`;
  await say(pair, terminal, `escalate %esc:echo let-out > ${target}; sleep 0.4; echo done-$((40+2))`);
  await terminal.waitFor([pair.look.dialog, /echo let-out/]);
  assert.equal(await readText(target), undefined, "the command ran before it was approved");
  await terminal.press("y");
  await terminal.waitFor([literal(SUMMARY_TEXT), ...shown(pair, /done-42/)]);
  assert.equal(await readText(target), "let-out\n");
  assert.match(lastToolOutput(pair), /done-42/);
  await quit(terminal);
}

async function deniedCommand(pair: Pair): Promise<void> {
  await using terminal = await pair.openTui();
  await ready(pair, terminal);
  const target = `${pair.outside}/denied`;
  await say(pair, terminal, `escalate %esc:echo never > ${target}`);
  await terminal.waitFor([pair.look.dialog, /echo never/]);
  await terminal.press("Escape");
  // Denying ends the turn: the next message starts a fresh one.
  await waitUntil("the dialog closes", async () => !pair.look.dialog.test(await terminal.screen()));
  await say(pair, terminal, "after the denial %plain");
  await terminal.waitFor([/after the denial/, literal(PLAIN_TEXT)]);
  assert.equal(await readText(target), undefined, "a denied command ran");
  await quit(terminal);
}

async function approvedPatch(pair: Pair): Promise<void> {
  await using terminal = await pair.openTui(["-a", "untrusted"]);
  await ready(pair, terminal);
  const target = `${pair.workspace}/patched.txt`;
  await say(pair, terminal, "edit %patch:patched.txt");
  await terminal.waitFor([pair.look.dialog, /patched\.txt/, /added by the stand-in/]);
  assert.equal(await readText(target), undefined, "the patch was applied before it was approved");
  await terminal.press("y");
  await terminal.waitFor(literal(SUMMARY_TEXT));
  assert.equal(await readText(target), "added by the stand-in\nsecond line\n");
  await quit(terminal);
}

async function interruptedStream(pair: Pair): Promise<void> {
  await using terminal = await pair.openTui();
  await ready(pair, terminal);
  const before = pair.model.brokenOff();
  await say(pair, terminal, "talk slowly %slow:1200");
  await terminal.waitFor(pair.look.streaming);
  await terminal.press("Escape");
  await terminal.waitFor(pair.look.interrupted);
  await waitUntil("the model stream is broken off", () => pair.model.brokenOff() > before);
  await say(pair, terminal, "still there? %plain");
  await terminal.waitFor([/still there\?/, literal(PLAIN_TEXT)]);
  await quit(terminal);
}

async function quitAndResume(pair: Pair): Promise<void> {
  {
    await using terminal = await pair.openTui();
    await ready(pair, terminal);
    await say(pair, terminal, "remember the word heliotrope %plain");
    await terminal.waitFor([/heliotrope/, literal(PLAIN_TEXT)]);
    await quit(terminal);
  }
  await using terminal = await pair.openTui(["resume", "--last"]);
  await terminal.waitFor([/remember the word heliotrope/, literal(PLAIN_TEXT)]);
  const from = pair.model.requests.length;
  await say(pair, terminal, "and go on %say:resumed-answer");
  await terminal.waitFor([/resumed-answer$/m]);
  const input = JSON.stringify(pair.model.requests[from]?.body.input);
  assert.match(input, /remember the word heliotrope/, "the resumed turn lost the earlier user text");
  assert.ok(input.includes(PLAIN_TEXT), "the resumed turn lost the earlier answer");
  await quit(terminal);
}

/** The composer is there when model and folder are on screen and a typed character is echoed. */
export async function ready(pair: Pair, terminal: Terminal): Promise<void> {
  const folder = pair.workspace.slice(pair.workspace.lastIndexOf("/") + 1);
  await terminal.waitFor([/gpt-5\.4/, new RegExp(`${folder}\\b`)]);
}

export async function say(pair: Pair, terminal: Terminal, text: string): Promise<void> {
  const before = pair.model.requests.length;
  await terminal.submit(text, () => pair.model.requests.length > before);
}

export async function quit(terminal: Terminal): Promise<void> {
  await terminal.submit("/quit", async () => await terminal.exitCode() !== undefined);
  assert.equal(await terminal.waitForExit(), 0, "quitting is a success");
}

/** What a command printed, where the terminal UI can be held to show it. */
function shown(pair: Pair, output: RegExp): RegExp[] {
  return pair.look.alwaysShowsCommands ? [output] : [];
}

export function literal(text: string): RegExp {
  // A long line may be wrapped anywhere a space is.
  const words = text.split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(words.join("\\s+"));
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function lastToolOutput(pair: Pair): string {
  const input = pair.model.requests.at(-1)?.body.input;
  const outputs = (Array.isArray(input) ? input : []).filter((item) => String(item.type).endsWith("_output"));
  return JSON.stringify(outputs.at(-1)?.output ?? "");
}
