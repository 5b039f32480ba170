// Pseudo-terminals over both C libraries: that of Linux, and what macOS' one is asked for with this system's numbers.
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { openLibcOnce } from "../../../src/host/libc.ts";
import type { Libc } from "../../../src/host/libc_calls.ts";
import { openPseudoTerminal, type PseudoTerminal } from "../../../src/host/pty.ts";
import { UNIX_NUMBERS } from "../../../src/host/unix_numbers.ts";
import { openMacCalls } from "../../support/mac_calls.ts";

const SIZE = { rows: 31, columns: 97 };

async function readUntil(terminal: PseudoTerminal, wanted: RegExp): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  while (!wanted.test(text)) {
    const chunk = await terminal.read();
    if (chunk === null) throw new Error(`the end came first, after ${JSON.stringify(text)}`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

function startOn(terminal: PseudoTerminal, script: string): Deno.ChildProcess {
  const args = ["-c", `exec <"$1" >"$1" 2>&1; ${script}`, "sh", terminal.slavePath];
  return new Deno.Command("/bin/sh", { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
}

async function readToEnd(terminal: PseudoTerminal): Promise<string> {
  let text = "";
  for (let chunk = await terminal.read(); chunk !== null; chunk = await terminal.read()) {
    text += new TextDecoder().decode(chunk);
  }
  return text;
}

const LIBRARIES: [name: string, open: () => Libc][] = [
  ["this system", openLibcOnce()],
  ["macOS' calls", openMacCalls],
];

for (const [name, open] of LIBRARIES) {
  Deno.test(`openPseudoTerminal() over ${name}: size, input, output and end`, async () => {
    const terminal = openPseudoTerminal(open(), SIZE);
    const child = startOn(terminal, 'stty size; read -r line; echo "got $line"; stty size');
    match(await readUntil(terminal, /\d\r\n/), /^31 97\r\n/);
    terminal.resize({ rows: 40, columns: 120 });
    await terminal.write(new TextEncoder().encode("hello\n"));
    match(await readUntil(terminal, /\d \d+\r\n/), /got hello\r\n40 120\r\n/);
    equal((await child.status).success, true);
    terminal.releaseSlave();
    equal(await readToEnd(terminal), "");
    await terminal.close();
  });

  Deno.test(`openPseudoTerminal() over ${name}: all of a long output, in its order`, async () => {
    const terminal = openPseudoTerminal(open(), SIZE);
    const child = startOn(terminal, "stty -opost; seq 1 20000");
    const reading = readToEnd(terminal);
    await child.status;
    terminal.releaseSlave();
    deepEqual((await reading).trimEnd().split("\n").map(Number), Array.from({ length: 20_000 }, (_, at) => at + 1));
    await terminal.close();
  });

  Deno.test(`openPseudoTerminal() over ${name}: more input than it takes at once`, async () => {
    const terminal = openPseudoTerminal(open(), SIZE);
    const child = startOn(terminal, "stty raw -echo; echo ready; head -c 300000 | cksum");
    await readUntil(terminal, /ready\n/);
    const reading = readUntil(terminal, /\d+ 300000\n/);
    await terminal.write(new Uint8Array(300_000).fill(120));
    await reading;
    await child.status;
    await terminal.close();
  });

  Deno.test(`openPseudoTerminal() over ${name}: close() ends a read that waits, and writes are refused after it`, async () => {
    const terminal = openPseudoTerminal(open(), SIZE);
    const reading = terminal.read();
    await terminal.close();
    equal(await reading, null);
    deepEqual(terminal.processGroups(), []);
    await rejects(terminal.write(Uint8Array.of(1)), { code: "EXEC_FAILED" });
    await terminal.close();
  });

  Deno.test(`closeInheritedOnExec() over ${name}: a command inherits no descriptor but the three`, async () => {
    const libc = open();
    // A descriptor without the mark, as this process could have been started with.
    const inherited = dup(1);
    equal((await childDescriptors()).includes(inherited), true);
    libc.closeInheritedOnExec();
    equal((await childDescriptors()).includes(inherited), false);
    libc.close(inherited);
  });
}

function dup(fd: number): number {
  const symbols = { dup: { parameters: ["i32"], result: "i32" } } as const;
  return Deno.dlopen(UNIX_NUMBERS.linux.library, symbols).symbols.dup(fd);
}

async function childDescriptors(): Promise<number[]> {
  const { stdout } = await new Deno.Command("/bin/ls", { args: [UNIX_NUMBERS.linux.descriptors] }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").map(Number);
}
