import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { globAncestors, globRegex, pathRegex, staticPrefix } from "../../../../src/sandbox/macos/path_patterns.ts";
import { parsePathPattern } from "../../../../src/sandbox/path_pattern.ts";

const matches = (regex: string, path: string): boolean => new RegExp(regex, "su").test(path);

Deno.test("pathRegex() is anchored, quotes, and takes every case", () => {
  equal(pathRegex("/a.b/(c)"), "^/[aA]\\.[bB]/\\([cC]\\)(/|$)");
  equal(pathRegex("/w/.git", { exactStart: "/w/" }), "^/w/\\.[gG][iI][tT](/|$)");
  equal(pathRegex("/k", { only: true }), "^/(k|K|\u212a)$");
});

Deno.test("pathRegex() takes both Unicode forms of a name", () => {
  const regex = pathRegex("/caf\u00e9");
  for (const name of ["caf\u00e9", "cafe\u0301", "CAF\u00c9", "CAFE\u0301"]) {
    equal(matches(regex, `/${name}/x`), true, name);
  }
  equal(matches(regex, "/cafe"), false);
  equal(matches(pathRegex("/cafe\u0301"), "/caf\u00e9"), true);
});

Deno.test("pathRegex() matches a path, its upper case and what is below, and nothing beside", () => {
  const name = fc.stringMatching(/^[^/\0\s]{1,12}$/u).filter((text) =>
    text.isWellFormed() && text !== "." && text !== ".."
  );
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), name, (names, other) => {
      const path = `/${names.join("/")}`;
      const regex = pathRegex(path);
      equal(matches(regex, path), true);
      equal(matches(regex, path.normalize("NFC").toLowerCase()), true);
      equal(matches(regex, `${path}/${other}`), true);
      equal(
        matches(regex, `/x${path.slice(1)}`),
        `/x${path.slice(1)}`.normalize("NFC").toLowerCase() === path.toLowerCase(),
      );
    }),
    { numRuns: 300 },
  );
});

const globs: readonly (readonly [pattern: string, path: string, matches: boolean])[] = [
  ["/w/*.env", "/w/a.env", true],
  ["/w/*.env", "/w/a.env/x", true],
  ["/w/*.env", "/w/a/b.env", false],
  ["/w/**/x", "/w/x", true],
  ["/w/**/x", "/w/a/b/x", true],
  ["/w/**/x", "/wx/x", false],
  ["/w/**", "/w/a/b", true],
  ["/w/**", "/w", false],
  ["/w/a**", "/w/ab", true],
  ["/w/a?c", "/w/abc", true],
  ["/w/a?c", "/w/a/c", false],
  ["/w/[a-c]x", "/w/bx", true],
  ["/w/[a-c]x", "/w/BX", true],
  ["/w/[a-c]x", "/w/dx", false],
  ["/w/[!a-c]x", "/w/dx", true],
  ["/w/[!a-c]x", "/w//x", false],
  ["/w/[!a-c]x", "/w/ax", false],
  ["/w/[!a-c]x", "/w/AX", true],
  ["/w/[.]x", "/w/.x", true],
  ["/w/[^^]x", "/w/ax", true],
  ["/w/{a,b}.pem", "/w/b.pem", true],
  ["/w/{a,b}.pem", "/w/c.pem", false],
  ["/w/a\\*b", "/w/a*b", true],
  ["/w/a\\*b", "/w/axb", false],
  ["/w/a+(b)", "/w/a+(b)", true],
  ["/w/a+(b)", "/w/aab", false],
];
for (const [pattern, path, expected] of globs) {
  Deno.test(`globRegex() ${pattern} ${expected ? "matches" : "passes over"} ${path}`, () => {
    equal(matches(globRegex(pattern), path), expected);
  });
}

Deno.test("globRegex() matches at least what the pattern language says", () => {
  const part = fc.constantFrom("a", "B", "*", "?", ".env", "[ab]", "[!a]", "{a,bc}", "x*", "\\*", "[a-c].k");
  const name = fc.constantFrom("a", "b", "bc", "c", ".env", "x", "xx", "*", "b.k", "B", "A");
  const pattern = fc.array(fc.oneof(part, fc.constant("**")), { minLength: 1, maxLength: 4 }).map((all) =>
    `/${all.join("/")}`
  );
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((all) => `/${all.join("/")}`);
  fc.assert(
    fc.property(pattern, path, (text, where) => {
      if (parsePathPattern(text).matches(where)) equal(matches(globRegex(text), where), true, `${text} ${where}`);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("staticPrefix() and globAncestors() tell what must keep its place", () => {
  equal(staticPrefix("/w/a/*.k"), "/w/a");
  equal(staticPrefix("/*.k"), "/");
  deepEqual(globAncestors("/w/**/secret/*.k"), ["/w/**/secret"]);
  deepEqual(globAncestors("/w/*/x/y"), ["/w/*", "/w/*/x"]);
  deepEqual(globAncestors("/w/a/*.k"), []);
  deepEqual(globAncestors("/w/a"), []);
});
