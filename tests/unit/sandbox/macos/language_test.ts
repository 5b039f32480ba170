// The reader and the evaluator of Seatbelt profiles that the other tests rely on: that they can say no.
import { deepEqual, equal, throws } from "node:assert/strict";
import { type Attempt, decide, ORDERS } from "../../../support/seatbelt/evaluate.ts";
import { parseProfile } from "../../../support/seatbelt/parse.ts";

const refused: readonly (readonly [text: string, why: RegExp])[] = [
  ["(allow file-read*)", /version/],
  ["(version 2)", /version/],
  ["(version 1) (allow file-read*", /not closed/],
  ["(version 1) (allow file-read*))", /was not opened/],
  ['(version 1) (allow file-read* (literal "/a))', /not closed/],
  ['(version 1) (allow file-read* (literal "/\\q"))', /unknown escape/],
  ["(version 1) {", /no token/],
  ["(version 1) (permit file-read*)", /unknown form/],
  ["(version 1) (allow file-raed*)", /unknown operation/],
  ["(version 1) (allow)", /operations/],
  ['(version 1) (allow file-read* (litteral "/a"))', /unknown filter/],
  ["(version 1) (allow file-read* (literal))", /takes 1 to 1/],
  ['(version 1) (allow file-read* (literal "/a" "/b"))', /takes 1 to 1/],
  ['(version 1) (allow file-read* (literal "a"))', /starts at the root/],
  ['(version 1) (allow file-read* (subpath (param "A")))', /undefined parameter/],
  ['(version 1) (allow file-read* (regex #"a"))', /starts with \^/],
  ['(version 1) (allow file-read* (regex #"^a{2}"))', /unknown form in/],
  ['(version 1) (allow file-read* (regex #"^(?i)a"))', /unknown form in/],
  ["(version 1) (deny file-ioctl (ioctl-command TIOCSTI))", /takes a number/],
  ['(version 1) (allow network-outbound (remote ip "127.0.0.1:80"))', /unknown address/],
  ['(version 1) (allow network-outbound (remote ip "localhost:0"))', /unknown address/],
  ['(version 1) (allow network-outbound (remote udp "localhost:1"))', /unknown kind/],
  ["(version 1) (allow signal (target everybody))", /unknown target/],
  ['(version 1) (allow file-read* (with message "x"))', /in a denial/],
  ["(version 1) (deny file-read* (with noise))", /unknown modifier/],
  ["(version 1) (if (defined? 'file-lnk) (deny file-link))", /unknown operation/],
];

for (const [text, why] of refused) {
  Deno.test(`parseProfile() refuses ${text}`, () => throws(() => parseProfile(text, { parameters: [] }), why));
}

Deno.test("parseProfile() refuses a parameter that nothing uses, and one given twice", () => {
  throws(() => parseProfile("(version 1)", { parameters: [["A", "/a"]] }), /nothing uses: A/);
  throws(() => parseProfile("(version 1)", { parameters: [["A", "/a"], ["A", "/b"]] }), /given twice/);
});

Deno.test("parseProfile() refuses an operation that the release does not know unless it is guarded", () => {
  const options = { parameters: [], unknown: ["file-link"] };
  throws(() => parseProfile("(version 1) (deny file-link)", options), /unbound variable: file-link/);
  deepEqual(parseProfile("(version 1) (if (defined? 'file-link) (deny file-link))", options), []);
});

Deno.test("parseProfile() reads what is in it", () => {
  const text = `(version 1) ; a comment with )
    (deny file-ioctl (with message "t-1") (ioctl-command #x80017472) (regex (param "R")))`;
  deepEqual(parseProfile(text, { parameters: [["R", '^/"a']] }), [{
    action: "deny",
    operations: ["file-ioctl"],
    filters: [
      { name: "ioctl-command", texts: ["2147578994"], filters: [] },
      { name: "regex", texts: ['^/"a'], filters: [] },
    ],
    message: "t-1",
    line: 2,
  }]);
});

const RULES = `(version 1) (deny default)
  (allow file-read* (subpath "/a"))
  (deny file-read* (subpath "/a/b"))
  (allow file-read-metadata (literal "/a/b"))
  (allow file-read* (require-all (subpath "/d") (require-not (literal "/d/x"))))`;
const ROWS: readonly (readonly [operation: string, path: string, action: "allow" | "deny"])[] = [
  ["file-read-data", "/a/x", "allow"],
  ["file-read-data", "/a/b/x", "deny"],
  ["file-read-data", "/ab", "deny"],
  ["file-read-metadata", "/a/b", "allow"],
  ["file-read-metadata", "/a/b/x", "deny"],
  ["file-write-data", "/a/x", "deny"],
  ["file-read-data", "/d/y", "allow"],
  ["file-read-data", "/d/x", "deny"],
];
for (const order of ORDERS) {
  Deno.test(`decide() by the ${order} rule`, () => {
    const rules = parseProfile(RULES, { parameters: [] });
    deepEqual(
      ROWS.map(([operation, path]) => decide(rules, { operation, path }, order).action),
      ROWS.map((row) => row[2]),
    );
  });
}

Deno.test("decide() shows where the two readings differ: a wide denial after a narrow grant", () => {
  const text = '(version 1) (deny default) (allow file-read-data (subpath "/a")) (deny file-read* (subpath "/a"))';
  const rules = parseProfile(text, { parameters: [] });
  const attempt: Attempt = { operation: "file-read-data", path: "/a/x" };
  equal(decide(rules, attempt, "last").action, "deny");
  equal(decide(rules, attempt, "narrowest").action, "allow");
});
