// Which model server on this machine `--oss` means: the one that was named, the one that config.toml names, else the
// one that answers. Two that answer are not guessed between.
import { CodexError } from "../base/errors.ts";

const LOCAL_PROVIDERS = ["ollama", "lmstudio"] as const;

export interface LocalProviderOptions {
  /** `oss_provider` of config.toml. */
  readonly configured: string | null;
  /** Does the provider's server answer? Asked only when nothing is configured. */
  readonly isRunning: (provider: string) => Promise<boolean>;
}

/** @throws CodexError USAGE when none or both answer. */
export async function findLocalProvider(options: LocalProviderOptions): Promise<string> {
  if (options.configured !== null) return options.configured;
  const answers = await Promise.all(LOCAL_PROVIDERS.map((provider) => options.isRunning(provider)));
  const running = LOCAL_PROVIDERS.filter((_, at) => answers[at]);
  const [first, second] = running;
  if (first !== undefined && second === undefined) return first;
  const problem = first === undefined ? "no local model server answers" : "more than one local model server answers";
  throw new CodexError("USAGE", `Cannot choose a model server for --oss: ${problem}`, {
    hint: first === undefined
      ? "Start Ollama or LM Studio, or name another provider in config.toml (model_providers)"
      : "Name one: --local-provider ollama or --local-provider lmstudio",
  });
}
