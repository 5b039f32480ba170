import { deepEqual } from "node:assert/strict";
import { decodeRequest, encodeRequest, holdLink } from "../../../../src/sandbox/linux/held_links.ts";
import { tempFolder } from "../../../support/temp_folder.ts";

Deno.test("decodeRequest() gives back any words exactly", () => {
  const request = {
    links: [{ path: "/ws/.git", text: "../a b" }, { path: "/ws/\n", text: "/x" }],
    argv: ["sh", "-c", "", "\udcff\n", "ü"],
  };
  deepEqual(decodeRequest(encodeRequest(request)), request);
  deepEqual(decodeRequest(encodeRequest({ links: [], argv: ["true"] })), { links: [], argv: ["true"] });
});

/** In the folder: `ws` (writable), `out` (not). */
const ROWS: readonly (readonly [name: string, links: Record<string, string>, expected: readonly string[]])[] = [
  ["to a folder beside it", { "ws/.git": "real" }, ["link ws/.git real", "read ws/real"]],
  ["to the outside", { "ws/.git": "../out/repo" }, ["link ws/.git ../out/repo"]],
  ["by an absolute path", { "ws/.git": "@/ws/real" }, ["link ws/.git @/ws/real", "read ws/real"]],
  ["to nothing", { "ws/.git": "gone/deep" }, ["link ws/.git gone/deep", "missing ws/gone"]],
  ["to nothing outside", { "ws/.git": "../gone" }, ["link ws/.git ../gone"]],
  ["over another link", { "ws/.git": "sub/b", "ws/sub/b": "../real" }, [
    "link ws/.git sub/b",
    "link ws/sub/b ../real",
    "read ws/real",
  ]],
  ["through a folder that is a link", { "ws/.git": "d/x", "ws/d": "real" }, [
    "link ws/.git d/x",
    "link ws/d real",
    "read ws/real/x",
  ]],
  ["over a link outside", { "ws/.git": "../out/back", "out/back": "../ws/real" }, [
    "link ws/.git ../out/back",
    "read ws/real",
  ]],
  ["to itself", { "ws/.git": ".git" }, Array.from({ length: 40 }, () => "link ws/.git .git")],
  ["to a gitfile", { "ws/.git": "file" }, ["link ws/.git file", "read ws/file", "read ws/real"]],
];

for (const [name, links, expected] of ROWS) {
  Deno.test(`holdLink() a link ${name}`, async () => {
    await using folder = await tempFolder();
    const root = folder.path;
    await folder.write("ws/real/x/HEAD", "");
    await folder.write("ws/sub/f", "");
    await folder.write("out/repo/HEAD", "");
    await folder.write("ws/file", "gitdir: real\n");
    for (const [path, text] of Object.entries(links)) {
      await Deno.symlink(text.replace("@", root), `${root}/${path}`);
    }
    const mounts = await holdLink(`${root}/ws/.git`, [`${root}/ws`], 0);
    const lines = mounts.map((mount) =>
      `${mount.access} ${mount.path}${mount.access === "link" ? ` ${mount.text}` : ""}`
    );
    deepEqual(lines, expected.map((line) => line.replace(" ", ` ${root}/`).replace("@", root)));
  });
}
