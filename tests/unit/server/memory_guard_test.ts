// The rules by which connections are closed when clients hold back too much; plain numbers in place of a kernel.
import assert from "node:assert/strict";
import { createMemoryGuard } from "../../../src/server/memory_guard.ts";

const MIB = 1024 * 1024;
const BASE_MIB = 70;

interface Row {
  readonly name: string;
  /** What each connection has received without a message, MiB. */
  readonly held: readonly number[];
  /** Growth of the process, MiB; default: the sum of it. */
  readonly growth?: number;
  /** Those that are closed, by their place. */
  readonly closed: readonly number[];
}

const ROWS: readonly Row[] = [
  { name: "one message of the greatest length", held: [64], closed: [] },
  { name: "one message that is longer", held: [66], closed: [0] },
  { name: "a long message while the process is at other work", held: [64, 0.1, 0.1], growth: 150, closed: [] },
  { name: "several that fit together", held: [40, 30, 10], closed: [] },
  { name: "the largest of several that do not", held: [30, 60, 20], closed: [1] },
  { name: "one of few that have grown the process too far", held: [20, 35, 15], growth: 120, closed: [1] },
  {
    name: "some of many that would pass the bound within one turn",
    held: Array.from({ length: 20 }, () => 3),
    closed: [0, 1],
  },
  { name: "half of the bound is left to any number", held: Array.from({ length: 90 }, () => 0.5), closed: [] },
  { name: "what is not much", held: [10, 10], closed: [] },
];

for (const { name, held, growth, closed } of ROWS) {
  Deno.test(`createMemoryGuard() ${closed.length === 0 ? "leaves" : "closes"} ${name}`, () => {
    let resident = BASE_MIB * MIB;
    const received = held.map(() => 0);
    const ended: number[] = [];
    const guard = createMemoryGuard({ residentBytes: () => resident, nowMs: () => 0, refresh(): void {} });
    held.forEach((_, at) =>
      guard.watch({
        received: () => received[at]!,
        end({ code }): void {
          assert.equal(code, 1009);
          ended.push(at);
        },
      })
    );
    guard.look();
    held.forEach((bytes, at) => received[at] = bytes * MIB);
    resident += (growth ?? held.reduce((sum, bytes) => sum + bytes, 0)) * MIB;
    guard.look();
    assert.deepEqual(ended, closed);
  });
}

Deno.test("createMemoryGuard() holds against nobody what was a message", () => {
  let resident = BASE_MIB * MIB;
  const ended: string[] = [];
  const guard = createMemoryGuard({ residentBytes: () => resident, nowMs: () => 0, refresh(): void {} });
  let received = 0;
  const { delivered, stop } = guard.watch({ received: () => received, end: () => void ended.push("closed") });
  guard.look();
  received = 90 * MIB;
  resident += 90 * MIB;
  delivered();
  guard.look();
  assert.deepEqual(ended, []);
  stop();
  assert.equal(guard.size, 0);
});
