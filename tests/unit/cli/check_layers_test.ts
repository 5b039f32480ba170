// The layer check itself: one broken tree per rule.
import assert from "node:assert/strict";
import { checkLayers } from "../../../.ci/check_layers.ts";

const rows: [name: string, files: Record<string, string>, problems: string[]][] = [
  ["a sound tree", { "src/server/a.ts": 'import "../agent/b.ts";\n', "src/agent/b.ts": "" }, []],
  ["an upward import", { "src/base/a.ts": 'import "../cli/b.ts";\n' }, [
    "src/base/a.ts: base may not import cli (src/cli/b.ts)",
  ]],
  ["a type import counts", { "src/rpc/a.ts": 'import type { B } from "../protocol/b.ts";\n' }, [
    "src/rpc/a.ts: rpc may not import protocol (src/protocol/b.ts)",
  ]],
  ["a dynamic import counts", { "src/tui/a.ts": 'await import("../server/b.ts");\n' }, [
    "src/tui/a.ts: tui may not import server (src/server/b.ts)",
  ]],
  ["clients know only the protocol", { "src/tui/a.ts": 'import "../agent/b.ts";\n' }, [
    "src/tui/a.ts: tui may not import agent (src/agent/b.ts)",
  ]],
  ["config has three readers", { "src/client/a.ts": 'import "../config/b.ts";\n' }, [
    "src/client/a.ts: client may not import config (src/config/b.ts)",
  ]],
  ["sideways as agreed", { "src/exec/a.ts": 'import "../sandbox/b.ts";\n' }, []],
  ["sideways the other way", { "src/sandbox/a.ts": 'import "../exec/b.ts";\n' }, [
    "src/sandbox/a.ts: sandbox may not import exec (src/exec/b.ts)",
  ]],
  ["the runtime outside its door", { "src/agent/a.ts": 'import "node:fs";\nDeno.exit();\n' }, [
    "src/agent/a.ts: imports node:fs outside src/host",
    "src/agent/a.ts: uses Deno outside src/host",
  ]],
  ["the runtime in prose and texts", { "src/agent/a.ts": '// Deno.exit\n/* node:fs */ const a = "Deno.exit"\n' }, []],
  ["a private file", { "src/tui/a.ts": 'import "../tui/panes/_b.ts";\n' }, [
    "src/tui/a.ts: imports the private file src/tui/panes/_b.ts of another folder",
  ]],
  ["a cycle", { "src/tui/a.ts": 'import "./b.ts";\n', "src/tui/b.ts": 'import "./a.ts";\n' }, [
    "cycle: src/tui/a.ts -> src/tui/b.ts -> src/tui/a.ts",
  ]],
  ["a long file", { "src/tui/a.ts": "\n".repeat(401) }, [
    "src/tui/a.ts: 401 lines, at most 400 (a table or a generated file says so on line 1)",
  ]],
  ["a long table", { "src/tui/a.ts": "// The key table.\n" + "\n".repeat(401) }, []],
  ["a room nobody knows", { "src/utils/a.ts": "" }, ["src/utils/a.ts: is in no room of the layer table"]],
  ["a main.ts that grew", { "main.ts": "\n".repeat(41) }, ["main.ts: 41 lines, at most 40"]],
];

for (const [name, files, problems] of rows) {
  Deno.test(`checkLayers() on ${name}`, () => {
    const found = checkLayers(Object.entries(files).map(([path, text]) => ({ path, text })));
    assert.deepEqual(found, problems);
  });
}
