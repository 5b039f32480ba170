// Skills: folders with a SKILL.md that the agent can be told of. Found in $CODEX_HOME/skills, ~/.agents/skills, and in
// .agents/skills and .codex/skills from the project's root down to the cwd. A broken one is told of, not dropped.
import { baseName, isAbsolutePath, isInside, joinPath, parentPath } from "../base/absolute_path.ts";
import { CodexError, messageOf } from "../base/errors.ts";
import { type FileStat, findRealPath, findStat, listFolder, readText } from "../host/files.ts";
import type {
  SkillErrorInfo,
  SkillMetadata,
  SkillScope,
  SkillsListEntry,
  SkillsListParams,
  SkillsListResponse,
} from "../protocol/types/skills.ts";
import { findProjectRoot } from "../workspace/instructions.ts";
import { type FrontMatterValue, parseFrontMatter } from "./front_matter.ts";

export interface SkillFinder {
  /** `skills/list`; no cwd means the server's own. @throws CodexError PROTOCOL for an extra root that is not absolute. */
  listSkills(params: SkillsListParams): Promise<SkillsListResponse>;
}

export interface SkillFinderOptions {
  readonly codexHome: string;
  /** The person's home folder, or null. */
  readonly home: string | null;
  readonly serverCwd: string;
  /** What is configured for a folder. Default: nothing. */
  readonly settings?: (cwd: string) => Promise<SkillSettings>;
}

export interface SkillSettings {
  /** Names that mark a project's root. Null: `[".git"]`. */
  readonly projectRootMarkers: readonly string[] | null;
  /** SKILL.md files that are switched off, by any path that leads to them. */
  readonly disabledPaths: readonly string[];
  /** Skills that are switched off wherever they are. */
  readonly disabledNames: readonly string[];
}

const FILE_NAME = "SKILL.md";
/** Folders below a root are not searched deeper than this, nor more of them than that. */
const MAX_DEPTH = 6;
const MAX_FOLDERS = 2000;
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_NAME_CHARACTERS = 64;
const MAX_DESCRIPTION_CHARACTERS = 1024;
const DEFAULT_ROOT_MARKERS: readonly string[] = [".git"];
const SCOPES: readonly SkillScope[] = ["repo", "user", "system", "admin"];

interface Root {
  readonly path: string;
  readonly scope: SkillScope;
}

export function createSkillFinder(options: SkillFinderOptions): SkillFinder {
  return {
    async listSkills(params): Promise<SkillsListResponse> {
      const extra = params.perCwdExtraUserRoots ?? [];
      const relative = extra.flatMap((entry) => entry.extraUserRoots).find((root) => !isAbsolutePath(root));
      if (relative !== undefined) {
        // wire: the reference's sentence.
        const message = `skills/list perCwdExtraUserRoots extraUserRoots paths must be absolute: ${relative}`;
        throw new CodexError("PROTOCOL", message);
      }
      const cwds = params.cwds === undefined || params.cwds.length === 0 ? [options.serverCwd] : params.cwds;
      const data = await Promise.all(cwds.map((cwd) => {
        const more = extra.filter((entry) => entry.cwd === cwd).flatMap((entry) => entry.extraUserRoots);
        return listFor(options, cwd, more);
      }));
      return { data };
    },
  };
}

async function listFor(options: SkillFinderOptions, cwd: string, extra: readonly string[]): Promise<SkillsListEntry> {
  const folder = isAbsolutePath(cwd) ? cwd : joinPath(options.serverCwd, cwd);
  const settings = await options.settings?.(folder);
  const markers = settings?.projectRootMarkers ?? DEFAULT_ROOT_MARKERS;
  const roots = [...await repositoryRoots(options.codexHome, folder, markers), ...userRoots(options, extra)];
  const offPaths = new Set(await Promise.all((settings?.disabledPaths ?? []).map(realPathOr)));
  const offNames = new Set(settings?.disabledNames);
  const skills = new Map<string, SkillMetadata>();
  const errors = new Map<string, SkillErrorInfo>();
  for (const root of roots) {
    for (const path of await findSkillFiles(root.path)) {
      if (skills.has(path) || errors.has(path)) continue;
      try {
        const skill = await readSkill(path);
        skills.set(path, { ...skill, scope: root.scope, enabled: !offPaths.has(path) && !offNames.has(skill.name) });
      } catch (error) {
        errors.set(path, { path, message: messageOf(error) });
      }
    }
  }
  return {
    cwd,
    skills: [...skills.values()].sort(compareSkills),
    errors: [...errors.values()].sort((left, right) => compareText(left.path, right.path)),
  };
}

async function repositoryRoots(codexHome: string, cwd: string, markers: readonly string[]): Promise<Root[]> {
  const projectRoot = await findProjectRoot(cwd, markers) ?? cwd;
  const roots: Root[] = [];
  for (let folder = cwd; isInside(folder, projectRoot); folder = parentPath(folder)) {
    for (const name of [".agents", ".codex"]) {
      const dotFolder = joinPath(folder, name);
      if (dotFolder !== codexHome) roots.push({ path: joinPath(dotFolder, "skills"), scope: "repo" });
    }
    if (folder === projectRoot || parentPath(folder) === folder) break;
  }
  return roots;
}

function userRoots(options: SkillFinderOptions, extra: readonly string[]): Root[] {
  const paths = [
    joinPath(options.codexHome, "skills"),
    ...(options.home === null ? [] : [joinPath(options.home, ".agents", "skills")]),
    ...extra,
  ];
  return paths.map((path) => ({ path, scope: "user" }));
}

/** Every SKILL.md below `root`, by its real path. Links are followed, each folder once; hidden folders are not. */
async function findSkillFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  const seen = new Set<string>();
  let level: string[] = [root];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      const real = await findRealPath(folder).catch(() => null);
      if (real === null || seen.has(real) || seen.size >= MAX_FOLDERS) continue;
      seen.add(real);
      // A folder that may not be read, or that went away meanwhile, has no skills for us.
      for (const { name, kind } of await listFolder(real).catch(() => [])) {
        const path = joinPath(real, name);
        if (name === FILE_NAME) files.push(await realPathOr(path));
        else if (!name.startsWith(".") && await isFolder(path, kind)) next.push(path);
      }
    }
    level = next;
  }
  return files;
}

/** The path itself where there is no file. */
async function realPathOr(path: string): Promise<string> {
  return await findRealPath(path).catch(() => null) ?? path;
}

async function isFolder(path: string, kind: FileStat["kind"]): Promise<boolean> {
  if (kind === "directory") return true;
  return kind === "symlink" && (await findStat(path).catch(() => null))?.kind === "directory";
}

/** @throws Error whose message says what is wrong with the file, in the reference's words where it has some. */
async function readSkill(path: string): Promise<Omit<SkillMetadata, "scope" | "enabled">> {
  const stat = await findStat(path);
  if (stat === null) throw new Error("Cannot read the file: it does not exist");
  if (stat.size > MAX_FILE_BYTES) throw new Error(`Cannot read the file: it has more than ${MAX_FILE_BYTES} bytes`);
  const matter = parseFrontMatter(await readText(path));
  if (matter === null) throw new Error("missing YAML frontmatter delimited by ---");
  const name = textOf("name", matter.fields.get("name")) || baseName(parentPath(path));
  const description = textOf("description", matter.fields.get("description"));
  if (description === "") throw new Error("missing field `description`");
  checkLength("name", name, MAX_NAME_CHARACTERS);
  checkLength("description", description, MAX_DESCRIPTION_CHARACTERS);
  const metadata = matter.fields.get("metadata");
  const short = metadata instanceof Map ? collapse(metadata.get("short-description") ?? "") : "";
  return { name, description, ...(short === "" ? {} : { shortDescription: short }), path };
}

function textOf(name: string, value: FrontMatterValue | undefined): string {
  if (value === undefined) return "";
  if (typeof value !== "string") throw new Error(`invalid YAML: ${name}: expected a string`);
  return collapse(value);
}

/** One line: the list shows it as such. */
function collapse(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

function checkLength(name: string, text: string, max: number): void {
  if (Array.from(text).length > max) throw new Error(`invalid ${name}: exceeds maximum length of ${max} characters`);
}

function compareSkills(left: SkillMetadata, right: SkillMetadata): number {
  return SCOPES.indexOf(left.scope) - SCOPES.indexOf(right.scope) || compareText(left.name, right.name) ||
    compareText(left.path, right.path);
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
