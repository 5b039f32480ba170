import assert from "node:assert/strict";
import { win32 } from "node:path";
import fc from "fast-check";
import { makePathFunctions } from "../../../src/base/path_functions.ts";
import { windowsPaths } from "../../../src/base/windows_path.ts";

const { joinPath, parentPath, baseName, isInside, relativePath } = makePathFunctions(windowsPaths);

Deno.test("isAbsolute() takes what depends on no current folder", () => {
  const rows = [
    ["C:\\", true],
    ["c:/x", true],
    ["\\\\server\\share", true],
    ["\\\\?\\C:\\x", true],
    ["\\\\?\\UNC\\server\\share\\x", true],
    ["C:x", false],
    ["C:", false],
    ["\\x", false],
    ["/x", false],
    ["x\\y", false],
    ["", false],
    ["\\\\.\\pipe\\x", false],
    ["\\\\?\\Volume{1}\\x", false],
    ["\\\\server", false],
  ] as const;
  for (const [path, want] of rows) assert.equal(windowsPaths.isAbsolute(path), want, path);
  const pattern = new RegExp(windowsPaths.absolutePattern);
  assert.deepEqual(rows.filter(([path, want]) => want && !pattern.test(path)), []);
});

Deno.test("normalize() gives the shortest equal spelling", () => {
  const rows = [
    ["c:/a//b/./c/", "C:\\a\\b\\c"],
    ["C:\\a\\..\\..\\b", "C:\\b"],
    ["C:\\", "C:\\"],
    ["C:\\.git.", "C:\\.git"],
    ["C:\\.git  \\x", "C:\\.git\\x"],
    ["//server/share/a/..", "\\\\server\\share\\"],
    ["\\\\?\\c:\\x", "C:\\x"],
    ["\\\\?\\UNC\\s\\h\\x", "\\\\s\\h\\x"],
    ["a/../b", "b"],
    ["..\\a\\..\\..", "..\\.."],
    ["", "."],
  ] as const;
  for (const [path, want] of rows) assert.equal(windowsPaths.normalize(path), want, path);
});

Deno.test("the functions of absolute_path.ts follow Windows paths", () => {
  assert.equal(joinPath("C:\\ws", "a/b"), "C:\\ws\\a\\b");
  assert.equal(joinPath("C:\\ws", "D:\\x"), "D:\\x");
  assert.equal(joinPath("C:\\ws", "..\\..\\.."), "C:\\");
  assert.equal(parentPath("C:\\a"), "C:\\");
  assert.equal(parentPath("C:\\"), "C:\\");
  assert.equal(parentPath("\\\\s\\h\\a"), "\\\\s\\h\\");
  assert.equal(parentPath("a"), ".");
  assert.equal(baseName("C:\\a\\b.txt"), "b.txt");
  assert.equal(baseName("C:\\"), "");
  assert.equal(relativePath("C:\\a\\b", "c:\\A\\c"), "..\\c");
  assert.equal(relativePath("C:\\a", "D:\\a"), "D:\\a");
});

Deno.test("isInside() compares whole segments and no case", () => {
  const rows = [
    ["C:\\ws\\a", "c:\\WS", true],
    ["C:\\ws", "C:\\ws", true],
    ["C:\\wsx", "C:\\ws", false],
    ["C:\\ws\\..\\x", "C:\\ws", false],
    ["D:\\ws", "C:\\", false],
    ["C:\\x", "C:\\", true],
    ["\\\\s\\h\\x", "\\\\S\\H", true],
    ["\\\\s\\h2\\x", "\\\\s\\h", false],
    ["C:\\ws\\.GIT.\\hooks", "C:\\ws\\.git", true],
  ] as const;
  for (const [path, folder, want] of rows) assert.equal(isInside(path, folder), want, `${path} in ${folder}`);
});

Deno.test("normalize() agrees with node's win32 path where no name ends in a dot or a space", () => {
  const segment = fc.constantFrom("a", "B", "..", ".", "c d", "");
  fc.assert(fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
    const path = `C:\\${segments.join("\\")}`;
    const ours = windowsPaths.normalize(path);
    const theirs = win32.normalize(path).replace(/(?<!:)\\$/, "");
    assert.equal(ours, theirs);
  }));
});
