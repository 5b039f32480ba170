// Was it the sandbox that made a command fail? Only a guess, from the exit code and the words that programs print:
// good enough to offer a run outside of it, never to decide anything on its own.
import type { NetworkPlan } from "./plan.ts";

/** Words of programs for EPERM, EACCES and EROFS, and for a network that is not there. */
const FILE_WORDS = [
  "operation not permitted",
  "permission denied",
  "read-only file system",
  "bwrap:",
  "seccomp",
];
const NETWORK_WORDS = [
  "network is unreachable",
  "could not resolve host",
  "couldn't connect to server",
  "temporary failure in name resolution",
  "name or service not known",
  "eai_again",
];

/** Usage error, not executable, not found: the command's own trouble. */
const OWN_TROUBLE = [2, 126, 127];
const KILLED_BY_SECCOMP = 128 + 31;

export interface DenialEvidence {
  readonly exitCode: number;
  readonly output: string;
  readonly network: NetworkPlan["access"];
}

export function looksDenied({ exitCode, output, network }: DenialEvidence): boolean {
  if (exitCode === 0) return false;
  if (exitCode === KILLED_BY_SECCOMP) return true;
  if (OWN_TROUBLE.includes(exitCode) && !output.includes("bwrap:")) return hasWord(output, ["read-only file system"]);
  return hasWord(output, FILE_WORDS) || (network === "none" && hasWord(output, NETWORK_WORDS));
}

function hasWord(output: string, words: readonly string[]): boolean {
  const text = output.toLowerCase();
  return words.some((word) => text.includes(word));
}
