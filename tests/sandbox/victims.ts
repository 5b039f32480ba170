// A process of ours that runs one sandboxed command and may be killed in the middle of it, alone or with all its kin.
import { RunningProcess } from "../support/process.ts";
import type { House } from "./house.ts";

export function startVictim(
  house: House,
  streams: "pipes" | "tty",
  script: string,
  before: readonly string[] = [],
): RunningProcess {
  const victim = new URL("victim.ts", import.meta.url).pathname;
  const words = [...before, Deno.execPath(), "run", "-A", "--quiet", victim, house.workspace, streams, script];
  return new RunningProcess({ command: words[0] ?? "", args: words.slice(1) });
}

/**
 * Kills a process and everything that descends from it, all stopped first so that none sees another die. Answers with
 * a function that tells which of them are still there.
 */
export function killWithAll(pid: number): () => number[] {
  const all = [pid];
  // A stopped process makes no more children.
  for (const one of all) {
    signal(one, "SIGSTOP");
    all.push(...childrenOf(one));
  }
  for (const one of all) signal(one, "SIGKILL");
  return () => all.filter(isAlive);
}

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch {
    // Gone already.
  }
}

function childrenOf(pid: number): number[] {
  const children: number[] = [];
  try {
    for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
      children.push(
        ...Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`).trim().split(" ").filter(Boolean).map(Number),
      );
    }
  } catch {
    // Gone already.
  }
  return children;
}

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}
