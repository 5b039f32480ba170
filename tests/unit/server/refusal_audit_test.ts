import assert from "node:assert/strict";
import type { AuditRecord } from "../../../src/server/audit.ts";
import { createRefusals, type Refusal } from "../../../src/server/refusal_audit.ts";

const ONE: Refusal = { transport: "ws", address: "10.0.0.1", status: 401, reason: "missing websocket bearer token" };

function start(): { at: { ms: number }; records: AuditRecord[]; refusals: ReturnType<typeof createRefusals> } {
  const at = { ms: 0 };
  const records: AuditRecord[] = [];
  const refusals = createRefusals({ record: (record) => void records.push(record) }, () => at.ms);
  return { at, records, refusals };
}

Deno.test("createRefusals() records the first at once, and the others of its minute as one", () => {
  const { at, records, refusals } = start();
  for (let count = 0; count < 1_000; count++) refusals.refused(ONE);
  assert.deepEqual(records, [{ event: "refused", ...ONE, count: 1 }]);
  at.ms = 59_999;
  refusals.sweep();
  assert.equal(records.length, 1);
  at.ms = 60_000;
  refusals.sweep();
  assert.deepEqual(records[1], { event: "refused", ...ONE, count: 999 });
  refusals.sweep();
  assert.equal(records.length, 2);
  refusals.refused({ ...ONE, reason: "another" });
  assert.deepEqual(records[2], { event: "refused", ...ONE, reason: "another", count: 1 });
  at.ms = 120_001;
  refusals.refused(ONE);
  assert.equal(records.length, 4, "a minute that held no more leaves no record of its own");
});

Deno.test("createRefusals() tells addresses and statuses apart, IPv6 by its /64", () => {
  const { records, refusals } = start();
  const rows: [Partial<Refusal>, string | null][] = [
    [{}, "10.0.0.1"],
    [{ status: 429 }, "10.0.0.1"],
    [{ address: "10.0.0.2" }, "10.0.0.2"],
    [{ address: "2001:db8::1" }, "2001:db8:0:0::/64"],
    [{ address: null, transport: "unix" }, null],
  ];
  for (const [change] of rows) refusals.refused({ ...ONE, ...change });
  refusals.refused({ ...ONE, address: "2001:db8::2" });
  assert.deepEqual(records.map((record) => "address" in record ? record.address : ""), rows.map(([, shown]) => shown));
  refusals.close();
  assert.deepEqual(records.at(-1), { event: "refused", ...ONE, address: "2001:db8:0:0::/64", count: 1 });
  assert.equal(records.length, rows.length + 1);
});

Deno.test("createRefusals() stays small when 50,000 addresses knock", () => {
  const { records, refusals } = start();
  for (let one = 0; one < 50_000; one++) {
    refusals.refused({ ...ONE, address: `10.${one >> 16}.${one >> 8 & 255}.${one & 255}` });
  }
  assert.equal(records.length, 10_001);
  refusals.close();
  assert.deepEqual(records.at(-1), { event: "refused", ...ONE, address: "others", count: 39_999 });
});
