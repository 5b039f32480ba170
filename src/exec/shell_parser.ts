// Reads a shell script as plain commands, or says that it is more than that. Words are as the command would get them;
// anything that the shell computes (variables, substitutions, redirections, control flow) makes the answer null, so
// that nobody mistakes a script for something harmless. The grammar is tree-sitter's bash, loaded at first use.
import type { Node } from "web-tree-sitter";
import type { AssetName } from "../host/assets.ts";

export interface PlainCommand {
  readonly words: readonly string[];
  /** Some word has an unquoted glob or brace: the command may get more and other words than these. */
  readonly expands: boolean;
}

export interface PlainScript {
  /** In order, at least one. */
  readonly commands: readonly PlainCommand[];
  /** All of it is one pipeline. */
  readonly isPipeline: boolean;
}

export interface ShellParser {
  /** Null: not only plain commands joined by `&&`, `||`, `;`, `|` or line ends, or not a script at all. */
  parse(script: string): PlainScript | null;
}

export type ReadAsset = (name: AssetName) => Promise<Uint8Array>;

/** Longer scripts are not looked into. */
const MAX_SCRIPT_CHARS = 64 * 1024;

/** Control characters, white space other than the shell's own, joined lines: the grammar and bash split these apart. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const READ_DIFFERENTLY = /[\x00-\x08\x0b-\x1f\x7f]|[^\S \t\n]|\\\n/;

export async function loadShellParser(readAsset: ReadAsset): Promise<ShellParser> {
  // Here and not above: a server starts, and may serve long, without it.
  const { Language, Parser } = await import("web-tree-sitter");
  const wasmBinary = await readAsset("tree-sitter.wasm");
  await Parser.init({ wasmBinary });
  const parser = new Parser();
  parser.setLanguage(await Language.load(await readAsset("tree-sitter-bash.wasm")));
  return {
    parse(script): PlainScript | null {
      if (script.length > MAX_SCRIPT_CHARS || READ_DIFFERENTLY.test(script)) return null;
      const tree = parser.parse(script);
      if (tree === null) return null;
      try {
        return readProgram(tree.rootNode);
      } finally {
        tree.delete();
      }
    },
  };
}

const JOINTS = new Set(["&&", "||", ";", "|", "\n"]);

function readProgram(root: Node): PlainScript | null {
  if (root.hasError) return null;
  const commands: PlainCommand[] = [];
  if (!collect(root, commands) || commands.length === 0) return null;
  const parts = root.namedChildren;
  return { commands, isPipeline: parts.length === 1 && parts[0]?.type === "pipeline" };
}

/** False as soon as something is not plain. */
function collect(node: Node, commands: PlainCommand[]): boolean {
  switch (node.type) {
    case "program":
    case "list":
    case "pipeline":
      return node.children.every((child) => child !== null && collect(child, commands));
    case "command": {
      const command = readCommand(node);
      if (command === null) return false;
      commands.push(command);
      return true;
    }
    default:
      return !node.isNamed && JOINTS.has(node.type);
  }
}

function readCommand(node: Node): PlainCommand | null {
  const words: string[] = [];
  let expands = false;
  for (const child of node.children) {
    const inner = child?.type === "command_name" ? child.firstChild : child;
    const word = inner && readWord(inner);
    if (!word) return null;
    words.push(word.text);
    expands ||= word.expands;
  }
  return words.length === 0 ? null : { words, expands };
}

interface Word {
  readonly text: string;
  readonly expands: boolean;
}

function readWord(node: Node): Word | null {
  switch (node.type) {
    case "word":
    case "number":
      return node.text.includes("\n") || node.namedChildCount > 0 ? null : readBareWord(node.text);
    case "raw_string":
      return { text: node.text.slice(1, -1), expands: false };
    case "string":
      return readString(node);
    case "concatenation": {
      const parts = node.children.map((child) => child && readWord(child));
      if (parts.some((part) => part === null)) return null;
      return { text: parts.map((part) => part?.text).join(""), expands: parts.some((part) => part?.expands) };
    }
    default:
      // Braces stand alone in a concatenation.
      return !node.isNamed && (node.type === "{" || node.type === "}") ? { text: node.type, expands: true } : null;
  }
}

function readBareWord(text: string): Word {
  return { text: text.replaceAll(/\\(.)/g, "$1"), expands: /[*?[{]/.test(text.replaceAll(/\\./g, "")) };
}

/** A double-quoted string without expansions. */
function readString(node: Node): Word | null {
  const allLiteral = node.children.every((child) => child?.type === '"' || child?.type === "string_content");
  if (!allLiteral) return null;
  return { text: node.text.slice(1, -1).replaceAll(/\\([\\"$`])/g, "$1"), expands: false };
}
