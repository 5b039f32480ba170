// Writes METHODS.md from the method tables: `deno task gen`; with `--check` compares and fails on a difference.
// A task of the house, not part of the program: the one file of this room that touches the runtime.
import { methodsDocument } from "./methods_document.ts";

const target = new URL("METHODS.md", import.meta.url);
const text = methodsDocument();
const say = (line: string): number => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));

if (Deno.args.includes("--check")) {
  const found = await Deno.readTextFile(target).catch(() => "");
  if (found !== text) {
    say("src/protocol/METHODS.md is not what the tables say: run `deno task gen`");
    Deno.exit(1);
  }
  say("gen: METHODS.md is up to date");
} else {
  await Deno.writeTextFile(target, text);
  say("gen: wrote src/protocol/METHODS.md");
}
