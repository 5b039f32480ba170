// Which log lines are wanted: RUST_LOG's form, `level` and `target=level` with commas between, or one plain level.
import { LOG_LEVELS, type LogLevel } from "../base/log.ts";

export interface LogFilter {
  allows(target: string, level: LogLevel): boolean;
}

export interface ParsedFilter {
  readonly filter: LogFilter;
  /** Parts that could not be read, as they were written. */
  readonly ignored: readonly string[];
}

interface Directive {
  /** "" is every target. */
  readonly target: string;
  /** How many of LOG_LEVELS, from the gravest; 0 is none. */
  readonly depth: number;
}

const DEFAULT_LEVEL: LogLevel = "warn";

/** Null or blank: warnings and errors. The longest target that fits decides, the later one of equals. */
export function parseLogFilter(text: string | null): ParsedFilter {
  const ignored: string[] = [];
  const directives: Directive[] = [];
  for (const part of (text ?? "").split(",").map((one) => one.trim()).filter((one) => one !== "")) {
    const directive = readDirective(part);
    if (directive === null) ignored.push(part);
    else directives.push(directive);
  }
  // A filter that names targets only is silent about the rest, as in RUST_LOG; none at all is the default.
  if (directives.length === 0) directives.push({ target: "", depth: depthOf(DEFAULT_LEVEL) });
  return {
    ignored,
    filter: {
      allows(target, level): boolean {
        let best: Directive | null = null;
        for (const directive of directives) {
          const fits = directive.target === "" || target === directive.target ||
            target.startsWith(`${directive.target}::`) || target.endsWith(`::${directive.target}`);
          if (fits && (best === null || directive.target.length >= best.target.length)) best = directive;
        }
        return best !== null && depthOf(level) <= best.depth;
      },
    },
  };
}

function readDirective(part: string): Directive | null {
  const equals = part.indexOf("=");
  const alone = equals === -1 ? levelDepth(part) : null;
  if (alone !== null) return { target: "", depth: alone };
  const target = equals === -1 ? part : part.slice(0, equals);
  const depth = equals === -1 ? LOG_LEVELS.length : levelDepth(part.slice(equals + 1));
  return depth === null || !/^[A-Za-z0-9_:]+$/.test(target) ? null : { target, depth };
}

function levelDepth(text: string): number | null {
  const name = text.toLowerCase();
  if (name === "off") return 0;
  const level = LOG_LEVELS.find((one) => one === (name === "warning" ? "warn" : name));
  return level === undefined ? null : depthOf(level);
}

function depthOf(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level) + 1;
}
