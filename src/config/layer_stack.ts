// The layers of configuration for a folder, as they are on disk and on the command line now.
import { isAbsolutePath, joinPath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import { homeFolder } from "../host/env.ts";
import { findRealPath, findStat } from "../host/files.ts";
import type { ConfigLayerSource } from "../protocol/types/config.ts";
import { type ConfigFile, ConfigFiles, resolvePaths } from "./config_files.ts";
import type { ConfigLayerEntry, ConfigOverride, ConfigTable, LoadedConfig } from "./loaded_config.ts";
import { leafKeys, mergeTables, versionOf } from "./merge.ts";
import { overridesToTable } from "./override.ts";
import { rootMarkersOf } from "./resolve.ts";
import { findMainRepository, findTrust, foldersUpFrom, projectRootOrCwd, type TrustLevel } from "./trust.ts";

/** A layer and the text that it was read from, for places in messages. */
export interface Layer extends ConfigLayerEntry {
  readonly file: ConfigFile | null;
}

export interface Stack {
  /** Lowest first. */
  readonly layers: readonly Layer[];
  readonly trust: TrustLevel | null;
  /** Every path that was looked at: while these are as they were, the layers are the same. */
  readonly paths: readonly string[];
}

export interface LayerStackOptions {
  readonly codexHome: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly overrides: readonly ConfigOverride[];
  readonly systemFile: string;
  /** Relative paths of `overrides` are meant from here. */
  readonly currentFolder: string;
}

const EMPTY: ConfigTable = {};

export class LayerStack {
  readonly #options: LayerStackOptions;
  readonly #files: ConfigFiles;
  #flags: Promise<Layer | null> | null = null;
  #emptyVersion: Promise<string> | null = null;

  constructor(options: LayerStackOptions) {
    this.#options = options;
    this.#files = new ConfigFiles(homeFolder(options.environment));
  }

  /** The layers for a folder; null: without project layers. @throws as `ConfigFiles.find` */
  async read(cwd: string | null): Promise<Stack> {
    const { codexHome, systemFile } = this.#options;
    const userFile = joinPath(codexHome, "config.toml");
    const [system, user, flags] = await Promise.all([
      this.#fileLayer(systemFile, { type: "system", file: systemFile }),
      this.#fileLayer(userFile, { type: "user", file: userFile }),
      this.#flagLayer(),
    ]);
    const outside = flags === null ? [system, user] : [system, user, flags];
    if (cwd === null || !isAbsolutePath(cwd)) return { layers: outside, trust: null, paths: [systemFile, userFile] };
    const settings = mergeLayers(outside);
    const { projects, trust } = await this.#projectLayers(cwd, settings, userFile);
    const layers = [system, user, ...projects, ...(flags === null ? [] : [flags])];
    const names = [...rootMarkersOf(settings), ".codex", ".codex/config.toml"];
    const inFolders = foldersUpFrom(cwd).flatMap((folder) => names.map((name) => joinPath(folder, name)));
    return { layers, trust, paths: [systemFile, userFile, ...inFolders] };
  }

  async #fileLayer(path: string, source: ConfigLayerSource): Promise<Layer> {
    const file = await this.#files.find(path);
    const version = file?.version ?? await (this.#emptyVersion ??= versionOf(EMPTY));
    return { source, file, table: file?.table ?? EMPTY, version, disabledReason: null };
  }

  #flagLayer(): Promise<Layer | null> {
    return this.#flags ??= (async () => {
      const { overrides, currentFolder, environment } = this.#options;
      const table = resolvePaths(overridesToTable(overrides), currentFolder, homeFolder(environment));
      if (Object.keys(table).length === 0) return null;
      return {
        source: { type: "sessionFlags" },
        file: null,
        table,
        version: await versionOf(table),
        disabledReason: null,
      };
    })();
  }

  /** One layer for each `.codex` folder from the project's root down to the cwd. */
  async #projectLayers(
    cwd: string,
    settings: ConfigTable,
    userFile: string,
  ): Promise<{ projects: Layer[]; trust: TrustLevel | null }> {
    const root = await projectRootOrCwd(cwd, rootMarkersOf(settings));
    const upToRoot = foldersUpFrom(cwd);
    const folders = upToRoot.slice(0, upToRoot.indexOf(root) + 1);
    const realCwd = await findRealPath(cwd).catch(() => null) ?? cwd;
    const shared = [root, await findRealPath(root).catch(() => null) ?? root];
    const main = await findMainRepository(root);
    if (main !== null) shared.push(main);
    const found = await Promise.all(folders.map(async (folder): Promise<Layer | null> => {
      const dotCodex = joinPath(folder, ".codex");
      if (dotCodex === this.#options.codexHome) return null;
      const stat = await findStat(dotCodex).catch(() => null);
      if (stat?.kind !== "directory") return null;
      const source: ConfigLayerSource = { type: "project", dotCodexFolder: dotCodex };
      const path = joinPath(dotCodex, "config.toml");
      const trust = findTrust(settings, [folder, ...shared]);
      if (trust === "trusted") return this.#fileLayer(path, source);
      // A folder that is not trusted cannot break anything either: what is wrong in it is not told.
      const layer = await this.#fileLayer(path, source).catch((error: unknown) => {
        if (error instanceof CodexError) return null;
        throw error;
      });
      if (layer === null) return null;
      return layer.file === null ? layer : { ...layer, disabledReason: disabledReason(trust, root, userFile) };
    }));
    const projects = found.filter((layer): layer is Layer => layer !== null).reverse();
    return { projects, trust: findTrust(settings, [...new Set([folders[0] ?? cwd, realCwd, ...shared])]) };
  }
}

/** The enabled layers laid over each other. */
export function mergeLayers(layers: readonly Layer[]): ConfigTable {
  return layers.filter((layer) => layer.disabledReason === null)
    .reduce<ConfigTable>((merged, layer) => mergeTables(merged, layer.table), EMPTY);
}

/** Which layer set each leaf. */
export function originsOf(layers: readonly Layer[]): LoadedConfig["origins"] {
  const origins: Record<string, LoadedConfig["origins"][string]> = {};
  for (const layer of layers) {
    if (layer.disabledReason !== null) continue;
    const origin = { name: layer.source, version: layer.version };
    for (const key of leafKeys(layer.table)) if (key !== "") origins[key] = origin;
  }
  return origins;
}

function disabledReason(trust: TrustLevel | null, root: string, userFile: string): string {
  // wire: both sentences.
  return trust === "untrusted"
    ? `${root} is marked as untrusted in ${userFile}. To load config.toml, mark it trusted.`
    : `To load config.toml, add ${root} as a trusted project in ${userFile}.`;
}
