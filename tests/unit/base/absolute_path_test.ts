import assert from "node:assert/strict";
import { posix } from "node:path";
import fc from "fast-check";
import {
  baseName,
  isAbsolutePath,
  isInside,
  joinPath,
  normalizePath,
  parentPath,
  relativePath,
} from "../../../src/base/absolute_path.ts";

Deno.test("isAbsolutePath() looks at the first character", () => {
  for (const [path, want] of [["/", true], ["/a", true], ["a/b", false], ["", false], ["./a", false]] as const) {
    assert.equal(isAbsolutePath(path), want, path);
  }
});

Deno.test("normalizePath() gives the shortest equal spelling", () => {
  const rows = [
    ["", "."],
    [".", "."],
    ["/", "/"],
    ["//", "/"],
    ["/..", "/"],
    ["/a//b/./c/", "/a/b/c"],
    ["/a/../../b", "/b"],
    ["a/..", "."],
    ["../a/../..", "../.."],
  ] as const;
  for (const [path, want] of rows) assert.equal(normalizePath(path), want, path);
});

Deno.test("joinPath() starts over at an absolute part", () => {
  const rows = [
    [["/a", "b", "c"], "/a/b/c"],
    [["/a", "../b"], "/b"],
    [["/a", "/b"], "/b"],
    [["/a", ""], "/a"],
    [["/", "a"], "/a"],
    [["a", "b"], "a/b"],
  ] as const;
  for (const [[base, ...parts], want] of rows) assert.equal(joinPath(base, ...parts), want);
});

Deno.test("parentPath() and baseName() split a path at its last segment", () => {
  const rows = [
    ["/", "/", ""],
    ["/a", "/", "a"],
    ["/a/b/", "/a", "b"],
    ["a", ".", "a"],
    ["a/b", "a", "b"],
    ["..", "../..", ".."],
    ["../..", "../../..", ".."],
    [".", "..", "."],
  ] as const;
  for (const [path, parent, base] of rows) {
    assert.deepEqual([parentPath(path), baseName(path)], [parent, base], path);
  }
});

Deno.test("isInside() compares whole segments", () => {
  const rows = [
    ["/a/b", "/a", true],
    ["/a", "/a", true],
    ["/ab", "/a", false],
    ["/a/../b", "/a", false],
    ["/a", "/", true],
    ["a", "/", false],
    ["a", ".", true],
    ["../a", ".", false],
  ] as const;
  for (const [path, folder, want] of rows) assert.equal(isInside(path, folder), want, `${path} in ${folder}`);
});

Deno.test("path functions agree with node's posix path on absolute paths", () => {
  const segment = fc.constantFrom("a", "b", "c", ".", "..", "");
  const absolute = fc.array(segment, { maxLength: 7 }).map((parts) => `/${parts.join("/")}`);
  fc.assert(fc.property(absolute, absolute, (first, second) => {
    assert.equal(normalizePath(first), posix.resolve(first));
    assert.equal(parentPath(first), posix.dirname(posix.resolve(first)));
    assert.equal(relativePath(first, second), posix.relative(first, second) || ".");
    assert.equal(joinPath(first, relativePath(first, second)), posix.resolve(second));
  }));
});
