// What a parsed profile says about one attempt. The system's documentation is not public, and two readings of the order
// are about: the last rule that matches decides; or the rules of the narrowest operation do, and among them the last.
// Both are here, so that a profile can be shown to mean the same under each.
import { operationAndWider } from "./language.ts";
import type { ParsedFilter, ParsedRule } from "./parse.ts";

export interface Attempt {
  readonly operation: string;
  readonly path?: string;
  /** `localhost:80`, `192.0.2.1:80`. */
  readonly address?: string;
  readonly unixSocket?: string;
  readonly ioctl?: number;
  readonly vnode?: string;
  /** Names of services, of sysctls and of shared memory. */
  readonly name?: string;
  readonly target?: string;
  readonly socketDomain?: string;
  readonly socketProtocol?: number;
  readonly extensions?: readonly string[];
}

export type Order = "last" | "narrowest";
export const ORDERS: readonly Order[] = ["last", "narrowest"];

/** `(deny default)` is said not to hold for these, at least on some releases. */
const OPEN_BY_DEFAULT = ["file-clone", "file-link", "file-map-executable", "nvram*", "process-info*"];

export interface Decision {
  readonly action: "allow" | "deny";
  readonly rule: ParsedRule;
}

export function decide(rules: readonly ParsedRule[], attempt: Attempt, order: Order): Decision {
  const names = operationAndWider(attempt.operation);
  const matching = rules.filter((rule) =>
    rule.operations.some((each) => names.includes(each)) &&
    (rule.filters.length === 0 || rule.filters.some((filter) => matches(filter, attempt)))
  );
  const narrow = (rule: ParsedRule): number =>
    Math.min(...rule.operations.map((each) => names.indexOf(each)).filter((at) => at >= 0));
  // `default` is no rule but what holds where none does.
  const isDefault = (rule: ParsedRule): boolean => rule.operations.includes("default");
  const own = matching.filter((rule) => !isDefault(rule));
  const least = Math.min(...own.map(narrow));
  const rule = (order === "last" ? own : own.filter((each) => narrow(each) === least)).at(-1) ??
    matching.find(isDefault);
  if (rule === undefined) throw new RangeError(`nothing decides ${attempt.operation}`);
  const isOpen = isDefault(rule) && names.some((name) => OPEN_BY_DEFAULT.includes(name));
  return { action: isOpen ? "allow" : rule.action, rule };
}

function matches(filter: ParsedFilter, attempt: Attempt): boolean {
  const [text = "", second = ""] = filter.texts;
  const { path } = attempt;
  switch (filter.name) {
    case "literal":
      return path === text;
    case "subpath":
      return path !== undefined && (path === text || path.startsWith(text === "/" ? "/" : `${text}/`));
    case "regex":
      return path !== undefined && new RegExp(text, "su").test(path);
    case "path-ancestors":
      return path !== undefined && text !== path && text.startsWith(path === "/" ? "/" : `${path}/`);
    case "require-all":
      return filter.filters.every((each) => matches(each, attempt));
    case "require-any":
      return filter.filters.some((each) => matches(each, attempt));
    case "require-not":
      return !filter.filters.some((each) => matches(each, attempt));
    case "vnode-type":
      return attempt.vnode === text;
    case "extension":
      return attempt.extensions?.includes(text) ?? false;
    case "ioctl-command":
      return attempt.ioctl === Number(text);
    case "target":
      return attempt.target === text;
    case "socket-domain":
      return attempt.socketDomain === text;
    case "socket-protocol":
      return attempt.socketProtocol === Number(text);
    case "remote":
    case "local":
      return text === "ip"
        ? addressMatches(second, attempt.address)
        : socketMatches(filter.filters, attempt.unixSocket);
    case "sysctl-name":
    case "global-name":
    case "local-name":
    case "iokit-registry-entry-class":
      return attempt.name === text;
    case "sysctl-name-prefix":
    case "ipc-posix-name-prefix":
      return attempt.name?.startsWith(text) ?? false;
    case "ipc-posix-name-regex":
      return attempt.name !== undefined && new RegExp(text, "u").test(attempt.name);
    default:
      throw new RangeError(`no meaning for the filter ${filter.name}`);
  }
}

function addressMatches(rule: string, address: string | undefined): boolean {
  if (address === undefined) return false;
  const at = rule.lastIndexOf(":");
  const own = address.lastIndexOf(":");
  const [host, port] = [rule.slice(0, at), rule.slice(at + 1)];
  return (host === "*" || host === address.slice(0, own)) && (port === "*" || port === address.slice(own + 1));
}

function socketMatches(filters: readonly ParsedFilter[], socket: string | undefined): boolean {
  if (socket === undefined) return false;
  return filters.length === 0 ||
    filters.some((filter) => matches(filter, { operation: "network-outbound", path: socket }));
}
