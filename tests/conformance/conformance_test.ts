// Drives our server and the reference through the same flows and holds them against each other: our messages
// against the reference's JSON Schemas, its messages against ours, the fields and the order of both.

import assert from "node:assert/strict";
import { type FlowRecord, FLOWS, hasWorked, recordFlows } from "./flows.ts";
import { orderOf, unfinishedItems } from "./order.ts";
import { ourParams } from "./our_schema.ts";
import { ourProblems, referenceProblems } from "./problems.ts";
import { loadReferenceSchemas, type ReferenceSchemas } from "./reference_schema.ts";
import { collectShapes, compareShapes, requestMethods, type Shape } from "./shapes.ts";

let ours: FlowRecord[] = [];
let reference: FlowRecord[] = [];
let schemas: ReferenceSchemas | undefined;

Deno.test.beforeAll(async () => {
  [schemas, ours, reference] = await Promise.all([
    loadReferenceSchemas(),
    recordFlows("ours"),
    recordFlows("reference"),
  ]);
});

const NAMES = ["initialize", ...FLOWS.map((flow) => flow.name)];

for (const name of NAMES) {
  test(`our server, flow "${name}": every message fits the reference's schemas`, () => {
    const record = find(ours, name);
    const problems = record.log.flatMap((entry) => referenceProblems(entry, requestMethods(record.log), schemas));
    assert.deepEqual(problems, []);
  });
  test(`our server, flow "${name}": every item ends before its turn does`, () => {
    assert.deepEqual(unfinishedItems(find(ours, name).log), []);
  });
  test(`our types accept what the reference sends in flow "${name}"`, () => {
    const record = find(reference, name);
    assert.deepEqual(record.log.flatMap((entry) => ourProblems(entry, requestMethods(record.log))), []);
  });
  test(`flow "${name}": we send the fields that the reference sends`, () => {
    const mine = new Map<string, Shape>();
    const theirs = new Map<string, Shape>();
    collectShapes(find(ours, name).log, mine);
    collectShapes(find(reference, name).log, theirs);
    assert.deepEqual(compareShapes(mine, theirs), []);
  });
}

for (const flow of FLOWS.filter((each) => each.applies || each.starts)) {
  test(`flow "${flow.name}": ${flow.applies ? "the patch succeeds" : "every command starts"} on both sides`, () => {
    assert.ok(hasWorked(find(ours, flow.name)), "ours failed");
    assert.ok(hasWorked(find(reference, flow.name)), "the reference failed at every try");
  });
}

for (const flow of FLOWS.filter((each) => each.ordered !== false)) {
  test(`flow "${flow.name}": we send in the reference's order`, () => {
    const counts = (word: string): boolean => !(flow.breaksOff && word === "item/completed agentMessage");
    const mine = orderOf(find(ours, flow.name).log).filter(counts);
    assert.deepEqual(mine, orderOf(find(reference, flow.name).log).filter(counts));
  });
}

test("refused requests: we answer with the reference's codes", () => {
  const codes = (record: FlowRecord): string[] => {
    const methods = requestMethods(record.log);
    const errors = record.log.filter((entry) => entry.direction === "received" && entry.message.error !== undefined);
    return errors.map(({ message }) => `${methods.get(message.id)} ${message.error.code}`);
  };
  assert.deepEqual(codes(find(ours, "refused requests")), codes(find(reference, "refused requests")));
});

function test(name: string, fn: () => void): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

function find(records: FlowRecord[], name: string): FlowRecord {
  const record = records.find((each) => each.flow.name === name);
  if (record === undefined) throw new Error(`The server was gone before flow "${name}"`);
  if (record.failure !== undefined) throw record.failure;
  return record;
}

test("our params types accept every request that the reference accepted", () => {
  const problems = reference.flatMap(({ log }) => {
    const answered = new Set(
      log.filter((entry) => entry.message.result !== undefined).map((entry) => entry.message.id),
    );
    const sent = log.filter(({ direction, message }) => direction === "sent" && answered.has(message.id));
    return sent.filter(({ message }) => message.method !== undefined).flatMap(({ message }) => {
      const problem = ourParams(message.method, message.params ?? {});
      return problem === "" ? [] : [`${message.method}: ${problem ?? "unknown method"}`];
    });
  });
  assert.deepEqual(problems, []);
});
