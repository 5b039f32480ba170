// The user agent's words for systems and terminals.
import assert from "node:assert/strict";
import { describeTerminal, linuxName } from "../../../src/cli/machine.ts";

const systems: [text: string, name: string][] = [
  ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n', "Debian 12.0.0"],
  ['NAME="Ubuntu"\nVERSION_ID="22.04"\n', "Ubuntu 22.4.0"],
  ["NAME=Fedora\nVERSION_ID=40\n", "Fedora 40.0.0"],
  ['NAME="Arch Linux"\n', "Arch Linux Unknown"],
  ["", "Linux Unknown"],
];
for (const [text, name] of systems) {
  Deno.test(`linuxName() reads ${name}`, () => assert.equal(linuxName(text), name));
}

const terminals: [environment: Record<string, string>, name: string][] = [
  [{ TERM: "xterm-256color" }, "xterm-256color"],
  [{ TERM: "xterm", TERM_PROGRAM: "iTerm.app", TERM_PROGRAM_VERSION: "3.5.0" }, "iTerm.app/3.5.0"],
  [{ TERM_PROGRAM: "vscode" }, "vscode"],
  [{ TERM: "a b\nc" }, "a_b_c"],
  [{}, "unknown"],
];
for (const [environment, name] of terminals) {
  Deno.test(`describeTerminal() says ${name}`, () => assert.equal(describeTerminal(environment), name));
}
