// Data files that ship with the program: found in the npm packages when run from source, beside the bundle in the
// compiled binary (build.ts puts them there under a `.bin` name, since `deno compile` takes `.wasm` for a module).

export type AssetName = "tree-sitter.wasm" | "tree-sitter-bash.wasm";

/** Set by build.ts: the folder of the assets, relative to the bundled module. Absent when run from source. */
declare const CODEX_ASSET_FOLDER: string | undefined;

const packageFiles: Readonly<Record<AssetName, string>> = {
  "tree-sitter.wasm": "web-tree-sitter/web-tree-sitter.wasm",
  "tree-sitter-bash.wasm": "tree-sitter-bash/tree-sitter-bash.wasm",
};

function assetUrl(name: AssetName): URL {
  if (typeof CODEX_ASSET_FOLDER === "string") {
    return new URL(`${CODEX_ASSET_FOLDER}${name.replace(/\.wasm$/, ".bin")}`, import.meta.url);
  }
  return new URL(import.meta.resolve(packageFiles[name]));
}

/** Files that a build may lack, and that do not exist when run from source. */
export type OptionalAssetName = "bwrap";

export async function findAsset(name: OptionalAssetName): Promise<Uint8Array<ArrayBuffer> | null> {
  if (typeof CODEX_ASSET_FOLDER !== "string") return null;
  try {
    return await Deno.readFile(new URL(`${CODEX_ASSET_FOLDER}${name}.bin`, import.meta.url));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** The bytes of one asset, read each time: the caller keeps them. */
export function readAsset(name: AssetName): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(assetUrl(name));
}
