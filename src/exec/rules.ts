// Standing decisions about commands: rules by prefix, from `$CODEX_HOME/rules/*.rules`. Says what the rules say of a
// command, and which rule a person could be offered. Whether to ask is the agent's decision.
import { joinPath } from "../base/absolute_path.ts";
import { findStat, findText, listFolder, makeFolder, openAppend, readText } from "../host/files.ts";
import type { CommandInspection } from "./command_inspection.ts";
import { isReadOnlyCommand } from "./command_safety.ts";
import type { PlainCommand } from "./shell_parser.ts";
import { formatAllowRule, matchedPrefix, parseRulesFile, type PrefixRule, type RuleDecision } from "./rules_file.ts";

export interface RuleVerdict {
  readonly decision: RuleDecision;
  readonly matchedPrefix: readonly string[];
  readonly justification: string | null;
}

const RULES_FOLDER = "rules";
const DEFAULT_FILE = "default.rules";
const STRICTNESS: readonly RuleDecision[] = ["allow", "prompt", "forbidden"];

/** All rules of a home, in the order of the file names. None when there is no such folder. @throws CodexError CONFIG_INVALID */
export async function loadRules(codexHome: string): Promise<readonly PrefixRule[]> {
  const folder = joinPath(codexHome, RULES_FOLDER);
  if ((await findStat(folder))?.kind !== "directory") return [];
  const names = (await listFolder(folder)).map(({ name }) => name).filter((name) => name.endsWith(".rules")).sort();
  const rules: PrefixRule[] = [];
  for (const name of names) {
    const path = joinPath(folder, name);
    rules.push(...parseRulesFile(await readText(path), path));
  }
  return rules;
}

/** Adds an allow rule to the home's default file; one that is there already is not added again. */
export async function appendAllowRule(codexHome: string, prefix: readonly string[]): Promise<void> {
  const folder = joinPath(codexHome, RULES_FOLDER);
  await makeFolder(folder);
  const path = joinPath(folder, DEFAULT_FILE);
  const text = await findText(path) ?? "";
  const line = formatAllowRule(prefix);
  if (text.split("\n").includes(line)) return;
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  const file = await openAppend(path);
  try {
    await file.write(new TextEncoder().encode(`${separator}${line}\n`));
  } finally {
    file.close();
  }
}

/** The rule in memory that `appendAllowRule` writes. */
export function allowRule(prefix: readonly string[]): PrefixRule {
  return { pattern: prefix.map((word) => [word]), decision: "allow", justification: null };
}

/**
 * What the rules say of a whole command: the strictest word on any of its parts. It is allowed only when each part is
 * allowed or only looks. Null: the rules do not decide.
 */
export function evaluateRules(rules: readonly PrefixRule[], inspection: CommandInspection): RuleVerdict | null {
  const parts = partsOf(inspection);
  const verdicts = parts.map((part) => strictest(rules, part.words));
  const worst = verdicts.reduce((a, b) => (strictness(b) > strictness(a) ? b : a), null);
  if (worst === null || worst.decision !== "allow") return worst;
  const covered = parts.every((part, index) => verdicts[index] !== null || isReadOnlyCommand(part));
  return covered ? worst : null;
}

/**
 * The prefix that an approval could make a standing rule. The model's own proposal counts when it is not too wide and
 * would settle the whole command; else the first part that neither only looks nor is allowed. Null: none to offer.
 */
export function proposedAmendment(
  inspection: CommandInspection,
  requestedPrefix: readonly string[] | null,
  rules: readonly PrefixRule[],
): readonly string[] | null {
  const verdict = evaluateRules(rules, inspection);
  if (verdict !== null && verdict.decision !== "allow") return null;
  if (requestedPrefix !== null && !isTooWide(requestedPrefix)) {
    const settled = evaluateRules([...rules, allowRule(requestedPrefix)], inspection);
    if (settled?.decision === "allow") return requestedPrefix;
  }
  const parts = partsOf(inspection);
  const open = parts.find((part) => !isReadOnlyCommand(part) && strictest(rules, part.words) === null);
  return (open ?? parts[0])?.words ?? null;
}

/** The plain commands, or all of argv as one word list when there is more to the script. */
function partsOf(inspection: CommandInspection): readonly PlainCommand[] {
  return inspection.commands ?? [{ words: inspection.argv, expands: true }];
}

function strictest(rules: readonly PrefixRule[], words: readonly string[]): RuleVerdict | null {
  let worst: RuleVerdict | null = null;
  for (const rule of rules) {
    const prefix = matchedPrefix(rule, words);
    if (prefix === null) continue;
    const verdict = { decision: rule.decision, matchedPrefix: prefix, justification: rule.justification };
    if (strictness(verdict) > strictness(worst)) worst = verdict;
  }
  return worst;
}

function strictness(verdict: RuleVerdict | null): number {
  return verdict === null ? -1 : STRICTNESS.indexOf(verdict.decision);
}

/** Programs that run whatever their arguments say: a rule for one of them alone allows everything. */
const RUNS_ANYTHING =
  /^(ba|z|da|k|fi)?sh$|^(python|python\d[\d.]*|node|deno|bun|perl|ruby|php|lua|osascript|pwsh|powershell|git|sudo|doas|env|xargs|nohup|time|nice|ssh|eval|exec)$/;
const RUNS_TEXT = /^-([a-z]*c|e|p|r|E|-eval|-print|Command)$/;

function isTooWide(prefix: readonly string[]): boolean {
  const [program = "", second, ...more] = prefix;
  if (program === "") return true;
  if (!RUNS_ANYTHING.test(program.slice(program.lastIndexOf("/") + 1))) return false;
  return second === undefined || (RUNS_TEXT.test(second) && more.length === 0);
}
