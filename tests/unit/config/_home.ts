// Folders for configuration tests: a home, a workspace, all temporary.
import { type ConfigLoader, type ConfigLoaderOptions, createConfigLoader } from "../../../src/config/config_loader.ts";

export interface TestHome extends AsyncDisposable {
  readonly root: string;
  readonly codexHome: string;
  /** Writes a file below the root; makes its folders. */
  write(path: string, text: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  loader(rest?: Partial<ConfigLoaderOptions>): ConfigLoader;
}

export async function makeHome(config = ""): Promise<TestHome> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const codexHome = `${root}/home`;
  const home: TestHome = {
    root,
    codexHome,
    async write(path, text): Promise<void> {
      const full = `${root}/${path}`;
      await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(full, text);
    },
    makeFolder: (path) => Deno.mkdir(`${root}/${path}`, { recursive: true }),
    loader: (rest = {}) =>
      createConfigLoader({ codexHome, environment: { HOME: root }, systemFile: `${root}/etc/config.toml`, ...rest }),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
  await home.write("home/config.toml", config);
  return home;
}
