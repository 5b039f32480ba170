// A fresh folder for one test, gone when the test ends: `await using folder = await tempFolder();`.

export interface TempFolder extends AsyncDisposable {
  readonly path: string;
  /** Writes `text` at a path below the folder and returns the absolute path. */
  write(relative: string, text: string | Uint8Array): Promise<string>;
  read(relative: string): Promise<string>;
}

export async function tempFolder(): Promise<TempFolder> {
  // Real, so that paths compare where the system's temp folder is a link.
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "codex-test-" }));
  return {
    path,
    async write(relative, text): Promise<string> {
      const target = `${path}/${relative}`;
      await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
      await (typeof text === "string" ? Deno.writeTextFile(target, text) : Deno.writeFile(target, text));
      return target;
    },
    read(relative): Promise<string> {
      return Deno.readTextFile(`${path}/${relative}`);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await Deno.remove(path, { recursive: true }).catch(() => {});
    },
  };
}
