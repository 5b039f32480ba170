// What a plan says about files as Seatbelt rules, parents first: the last rule that matches decides, so the deepest path
// does. Denials are told in every spelling of a path; grants in the kernel's alone. Pure. Rules name the same operations
// where one takes back what another gives: a rule for a narrower operation beats one for a wider.
import { isInside, parentPath } from "../../base/absolute_path.ts";
import type { SandboxPlan } from "../plan.ts";
import { allSpellings, kernelSpelling } from "./mac_paths.ts";
import { globAncestors, globRegex, pathRegex, staticPrefix } from "./path_patterns.ts";
import type { ParameterKind, Parameters, Rule } from "./rule_text.ts";

const READ = "file-read*";
const WRITE = "file-write*";
/** Not read, not written, not run. */
const ALL_OF_A_FILE = [READ, WRITE, "file-map-executable", "process-exec"];
/** Ways to give a file a second name. */
const OTHER_NAMES = ["file-link", "file-clone"];

/** Weakest first: of several statements on one path the last one counts. */
const STATEMENTS = ["readable", "protected", "writable", "hidden"] as const;
type Statement = (typeof STATEMENTS)[number];

interface Entry {
  readonly path: string;
  readonly statement: Statement;
}

/** For a plan whose links are resolved. */
export function fileRules(plan: SandboxPlan, parameters: Parameters): readonly Rule[] {
  const maker = new RuleMaker(plan, parameters);
  return [
    ...maker.start(),
    ...maker.entries.flatMap((entry) => maker.rulesOf(entry)),
    ...maker.hiddenPatterns(),
    ...maker.pinned(),
  ];
}

class RuleMaker {
  readonly entries: readonly Entry[];
  readonly #plan: SandboxPlan;
  readonly #parameters: Parameters;
  readonly #writable: readonly string[];

  constructor(plan: SandboxPlan, parameters: Parameters) {
    this.#plan = plan;
    this.#parameters = parameters;
    this.#writable = unique(plan.writable.map(kernelSpelling));
    const paths = { ...plan, readable: plan.readable.roots };
    this.entries = STATEMENTS.flatMap((statement) =>
      unique(paths[statement].map(kernelSpelling)).map((path) => ({ path, statement }))
    ).sort((a, b) =>
      depth(a.path) - depth(b.path) || STATEMENTS.indexOf(a.statement) - STATEMENTS.indexOf(b.statement)
    );
  }

  start(): readonly Rule[] {
    if (this.#plan.readable.everything) return [{ action: "allow", operations: [READ], filters: [] }];
    // Programs look at each folder on the way to where they are.
    const granted = [...this.#plan.readable.roots, ...this.#plan.writable, this.#plan.cwd].map(kernelSpelling);
    return this.#passage(unique(granted.flatMap(ancestorsOf)));
  }

  rulesOf({ path, statement }: Entry): readonly Rule[] {
    switch (statement) {
      case "readable":
        return [
          ...this.#passage(this.#hiddenAbove(path)),
          allow([READ, "file-map-executable", "process-exec"], this.#below("READABLE", path)),
          ...(this.#isWritable(path) ? this.#deny([WRITE], "PROTECTED", path) : []),
        ];
      case "writable":
        return [
          ...this.#passage(this.#hiddenAbove(path)),
          allow([READ, WRITE, "file-map-executable", "process-exec"], this.#below("WRITABLE", path)),
          { ...allow(["file-link"], this.#below("WRITABLE", path)), onlyIfKnown: "file-link" },
        ];
      case "protected":
        return [...this.#deny([WRITE], "PROTECTED", path), ...this.#denyOtherNames("PROTECTED", path, ["file-link"])];
      case "hidden":
        return [...this.#deny(ALL_OF_A_FILE, "HIDDEN", path), ...this.#denyOtherNames("HIDDEN", path, OTHER_NAMES)];
    }
  }

  hiddenPatterns(): readonly Rule[] {
    const patterns = unique(this.#plan.hiddenPatterns.flatMap((pattern) => [...patternSpellings(pattern)]));
    const everywhere = unique([...patterns, ...patterns.flatMap((pattern) => this.#movedPatterns(pattern))]);
    return everywhere.flatMap((pattern) => {
      const filters = [this.#regex("HIDDEN", globRegex(pattern))];
      return [deny(ALL_OF_A_FILE, filters), ...otherNames(OTHER_NAMES, filters)];
    });
  }

  /**
   * A folder that leads to something protected or hidden keeps its name: renamed, what is in it would have a path that no
   * rule knows. In Seatbelt renaming is unlinking.
   */
  pinned(): readonly Rule[] {
    const guarded = this.entries.filter(({ statement }) => statement === "protected" || statement === "hidden");
    const paths = [
      ...guarded.flatMap(({ path }) => ancestorsOf(path)),
      ...this.#plan.hiddenPatterns.flatMap((pattern) => {
        const prefix = kernelSpelling(staticPrefix(pattern));
        return [...ancestorsOf(prefix), prefix];
      }),
    ];
    const filters = unique(paths).filter((path) => path !== "/" && this.#isWritable(path)).flatMap((path) => [
      `(literal ${this.#parameters.use("PINNED", path)})`,
      this.#regex("PINNED", pathRegex(path, { only: true })),
    ]);
    const patterns = unique(this.#plan.hiddenPatterns.flatMap(patternSpellings));
    const moved = patterns.flatMap((pattern) => [pattern, ...this.#movedPatterns(pattern)]);
    const folders = unique(moved.flatMap(globAncestors)).map((start) => this.#regex("PINNED", globRegex(start, true)));
    const all = unique([...filters, ...folders]);
    return all.length === 0 ? [] : [deny(["file-write-unlink"], all)];
  }

  /** A folder above a match of `**` may be moved to another writable root: the match is hidden there as well. */
  #movedPatterns(pattern: string): readonly string[] {
    const parts = pattern.split("/");
    const any = parts.indexOf("**");
    if (any < 0 || any === parts.length - 1) return [];
    const prefix = staticPrefix(pattern);
    const tail = parts.slice(any).join("/");
    return this.#writable.filter((root) => !isInside(root, kernelSpelling(prefix))).map((root) =>
      `${root === "/" ? "" : root}/${tail}`
    );
  }

  #deny(operations: readonly string[], kind: ParameterKind, path: string): readonly Rule[] {
    return [deny(operations, this.#everySpelling(kind, path))];
  }

  /** No second name, and no copy that shares its blocks: used under that name, no rule would know it. */
  #denyOtherNames(kind: ParameterKind, path: string, operations: readonly string[]): readonly Rule[] {
    return otherNames(operations, this.#everySpelling(kind, path));
  }

  #everySpelling(kind: ParameterKind, path: string): readonly string[] {
    // Only a name below a writable root can come into being in another spelling; the root itself is granted in one.
    const root = kind === "PROTECTED" ? this.#writable.findLast((each) => isInside(parentPath(path), each)) : undefined;
    const exactStart = root === undefined || root === "/" ? undefined : `${root}/`;
    const options = exactStart === undefined ? {} : { exactStart, invisible: true };
    return [
      ...allSpellings(path).flatMap((spelling) => [
        `(literal ${this.#parameters.use(kind, spelling)})`,
        `(subpath ${this.#parameters.use(kind, spelling)})`,
      ]),
      this.#regex(kind, pathRegex(path, options)),
    ];
  }

  #below(kind: ParameterKind, path: string): readonly string[] {
    return [`(subpath ${this.#parameters.use(kind, path)})`];
  }

  #regex(kind: ParameterKind, regex: string): string {
    return `(regex ${this.#parameters.use(kind, regex)})`;
  }

  #passage(paths: readonly string[]): readonly Rule[] {
    if (paths.length === 0) return [];
    return [allow(["file-read-metadata"], paths.map((path) => `(literal ${this.#parameters.use("PASSAGE", path)})`))];
  }

  #hiddenAbove(path: string): readonly string[] {
    const hidden = this.#plan.hidden.map(kernelSpelling);
    return ancestorsOf(path).filter((folder) => hidden.some((each) => isInside(folder, each)));
  }

  #isWritable(path: string): boolean {
    return this.#writable.some((root) => isInside(path, root));
  }
}

function allow(operations: readonly string[], filters: readonly string[]): Rule {
  return { action: "allow", operations, filters };
}

function deny(operations: readonly string[], filters: readonly string[]): Rule {
  return { action: "deny", operations, filters };
}

function otherNames(operations: readonly string[], filters: readonly string[]): readonly Rule[] {
  return operations.map((name) => ({ ...deny([name], filters), onlyIfKnown: name }));
}

/** The folders that a pattern names outright in the kernel's spelling, then as they were written. */
function patternSpellings(pattern: string): readonly string[] {
  const prefix = staticPrefix(pattern);
  const rest = prefix === "/" ? pattern : pattern.slice(prefix.length);
  return allSpellings(prefix).map((spelling) => `${spelling === "/" ? "" : spelling}${rest}`);
}

/** The folders above a path, the root first. */
function ancestorsOf(path: string): readonly string[] {
  return path === "/" ? [] : [...ancestorsOf(parentPath(path)), parentPath(path)];
}

function depth(path: string): number {
  return path === "/" ? 0 : path.split("/").length;
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
