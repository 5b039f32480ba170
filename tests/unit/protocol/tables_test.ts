// The method tables test themselves: nothing twice, nothing undocumented, nothing that names a field it does not have.
import assert from "node:assert/strict";
import { Compile } from "typebox/compile";
import type { TSchema } from "typebox";
import { clientNotifications } from "../../../src/protocol/client_notifications.ts";
import { clientRequests, type RequestRow } from "../../../src/protocol/client_requests.ts";
import { fieldsOf } from "../../../src/protocol/methods_document.ts";
import { serverNotifications } from "../../../src/protocol/server_notifications.ts";
import { serverRequests } from "../../../src/protocol/server_requests.ts";

interface AnyRow {
  readonly doc: string;
  readonly params?: TSchema;
  readonly result?: TSchema;
}

const tables: Readonly<Record<string, Readonly<Record<string, AnyRow>>>> = {
  clientRequests,
  clientNotifications,
  serverRequests,
  serverNotifications,
};
const rows = Object.entries(tables).flatMap(([table, methods]) =>
  Object.entries(methods).map(([method, row]) => ({ table, method, row }))
);

Deno.test("method tables name each method once", () => {
  const names = rows.map(({ method }) => method);
  assert.deepEqual(names.filter((name, at) => names.indexOf(name) !== at), []);
});

Deno.test("method names are resource/verb paths of plain letters", () => {
  assert.deepEqual(rows.filter(({ method }) => !/^[a-z][A-Za-z]*(\/[a-z][A-Za-z]*)*$/.test(method)), []);
});

Deno.test("every method is documented in one sentence", () => {
  assert.deepEqual(rows.filter(({ row }) => !/^\S.{10,118}[.?]$/.test(row.doc)).map(({ row }) => row.doc), []);
});

Deno.test("every schema compiles", () => {
  for (const { method, row } of rows) {
    for (const schema of [row.params, row.result]) {
      if (schema !== undefined) assert.ok(Compile(schema), method);
    }
  }
});

Deno.test("experimental and unused fields are optional fields of their params", () => {
  for (const [method, row] of Object.entries<RequestRow>(clientRequests)) {
    const optional = fieldsOf(row.params).filter((field) => field.optional).map((field) => field.name);
    const missing = [...row.experimentalFields ?? [], ...row.unusedFields ?? []].filter((field) =>
      !optional.includes(field)
    );
    assert.deepEqual(missing, [], method);
  }
});

Deno.test("methods that wait in a thread's lane name the thread", () => {
  for (const [method, row] of Object.entries<RequestRow>(clientRequests)) {
    if (row.lane === "thread") assert.ok(fieldsOf(row.params).some((field) => field.name === "threadId"), method);
  }
});
