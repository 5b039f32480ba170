// The configuration of this run: what the files say, with the command line on top. Two flags need the files first:
// `--oss` (which local server) and `--add-dir` (added to the folders that are configured, not instead of them).
import { isAbsolutePath, joinPath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import { type ConfigLoader, createConfigLoader } from "../config/config_loader.ts";
import type { ConfigOverride } from "../config/loaded_config.ts";
import { BUILT_IN_PROVIDERS } from "../config/model_providers.ts";
import { parseOverride } from "../config/override.ts";
import { createHttp } from "../host/http.ts";
import { checkAddedFolders } from "../sandbox/writable_roots.ts";
import type { ConfigArgs } from "./config_args.ts";
import { findLocalProvider } from "./local_provider.ts";

/** How long a local model server may take to say that it is there. */
const PROBE_TIMEOUT_MS = 1_000;

/** The model of `--oss` when none is named. Source: the reference's defaults. */
const LOCAL_MODELS: Readonly<Record<string, string>> = { ollama: "gpt-oss:20b", lmstudio: "openai/gpt-oss-20b" };

export interface SessionConfigOptions {
  readonly codexHome: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** What the command line sets, in order. @throws CodexError USAGE for a `-c` that is not `key=value`. */
export function overridesOf(args: ConfigArgs): ConfigOverride[] {
  return [...args.assignments.map(parseOverride), ...args.settings];
}

/** What `--oss` sets, in front of what was said outright. */
export function localModelSettings(provider: string): ConfigOverride[] {
  const model = LOCAL_MODELS[provider];
  const settings = [{ key: "model_provider", value: provider }];
  return model === undefined ? settings : [...settings, { key: "model", value: model }];
}

export async function makeConfigLoader(args: ConfigArgs, options: SessionConfigOptions): Promise<ConfigLoader> {
  const { codexHome, environment, folder } = options;
  const overrides = overridesOf(args);
  const common = {
    codexHome,
    environment,
    currentFolder: folder,
    ...(args.profile === null ? {} : { profile: args.profile }),
  };
  const plain = createConfigLoader({ ...common, overrides });
  if (args.localProvider === null && args.writableRoots.length === 0) return plain;

  const { config, merged } = await plain.load(folder);
  const more: ConfigOverride[] = [];
  if (args.writableRoots.length > 0) {
    const added = args.writableRoots.map((path) => isAbsolutePath(path) ? path : joinPath(folder, path));
    await checkAddedFolders(added);
    const value = [...config.sandboxWorkspaceWrite.writableRoots, ...added];
    more.push({ key: "sandbox_workspace_write.writable_roots", value });
  }
  if (args.localProvider === null) return createConfigLoader({ ...common, overrides: [...overrides, ...more] });

  const configured = merged["oss_provider"];
  const provider = args.localProvider !== "detect" ? args.localProvider : await findLocalProvider({
    configured: typeof configured === "string" ? configured : null,
    isRunning,
  });
  return createConfigLoader({ ...common, overrides: [...localModelSettings(provider), ...overrides, ...more] });
}

async function isRunning(id: string): Promise<boolean> {
  const provider = BUILT_IN_PROVIDERS.find((candidate) => candidate.id === id);
  if (provider === undefined) throw new CodexError("USAGE", `Cannot find the local provider "${id}"`);
  using http = createHttp();
  try {
    const response = await http.fetch(`${provider.baseUrl}/models`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return true;
  } catch {
    return false; // Nobody there, or no answer in time: that is the question.
  }
}
