// Source code in colours: highlight.js finds the scopes, the theme colours them, line by line so that each line stands
// alone on the screen. A language that is not known, or code past the bound, stays plain.
// @ts-types="./highlight_js.d.ts"
import hljs from "highlight.js/lib/common";
import type { Style, Theme } from "../theme.ts";

/** Lines after which colouring costs more than it helps. */
const MAX_LINES = 1_000;

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#x27;": "'",
};

export function highlightCode(code: string, language: string | null, theme: Theme): string[] {
  const lines = code.split("\n");
  const known = language !== null && hljs.getLanguage(language) !== undefined;
  if (!known || lines.length > MAX_LINES || Object.keys(theme.code).length === 0) return lines;
  const html = hljs.highlight(code, { language, ignoreIllegals: true }).value;
  return toLines(html, theme);
}

/** The language that the ending of a path stands for, or null. */
export function findLanguage(path: string): string | null {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const ending = name.slice(name.lastIndexOf(".") + 1);
  return hljs.getLanguage(ending) === undefined ? null : ending;
}

/** Walks the markup: `<span class="hljs-…">` opens a scope, `</span>` closes it, the rest is text. */
function toLines(html: string, theme: Theme): string[] {
  const lines: string[] = [];
  const scopes: (Style | null)[] = [];
  let line = "";
  for (const part of html.match(/<span class="[^"]*">|<\/span>|[^<]+/g) ?? []) {
    if (part === "</span>") {
      scopes.pop();
      continue;
    }
    const opened = /^<span class="([^"]*)">/.exec(part)?.[1];
    if (opened !== undefined) {
      scopes.push(findStyle(opened, theme));
      continue;
    }
    const style = scopes.findLast((scope) => scope !== null) ?? null;
    const [first = "", ...rest] = decode(part).split("\n");
    line += style ? style(first) : first;
    for (const next of rest) {
      lines.push(line);
      line = style ? style(next) : next;
    }
  }
  return [...lines, line];
}

/** The first of the classes that the theme knows: "hljs-title function_" is a title. */
function findStyle(classes: string, theme: Theme): Style | null {
  for (const name of classes.split(" ")) {
    const scope = name.replace(/^hljs-/, "").replace(/_$/, "").split("-")[0] ?? "";
    const style = Object.hasOwn(theme.code, scope) ? theme.code[scope] : undefined;
    if (style) return style;
  }
  return null;
}

function decode(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity] ?? entity);
}
