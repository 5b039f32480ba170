// The page of `GET /metrics`: read by a parser of Prometheus' text format, and bounded whatever clients do.
import assert from "node:assert/strict";
import parse from "parse-prometheus-text-format";
import { clientRequests } from "../../../src/protocol/client_requests.ts";
import { createMetrics, type MetricsFacts } from "../../../src/server/metrics_text.ts";

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly metrics: readonly Readonly<Record<string, unknown>>[];
}

const FACTS: MetricsFacts = {
  connections: () => new Map([["ws", 2]]),
  queueBytes: () => 17,
  runningTurns: () => 1,
  loadedThreads: () => 3,
  memory: () => ({ residentBytes: 1000, heapBytes: 100 }),
  startedAt: 1_800_000_000,
  version: '0.0.1 "x\\y"\n',
};

const isMethod = (name: string): boolean => Object.hasOwn(clientRequests, name);

function families(text: string): Map<string, Family> {
  // The package has no types of its own.
  const read = (parse as unknown as (text: string) => Family[])(text);
  return new Map(read.map((family) => [family.name, family]));
}

Deno.test("createMetrics() tells a server that did nothing yet with zeros", () => {
  const all = families(createMetrics(isMethod).text(FACTS));
  assert.deepEqual(all.get("codex_queue_bytes"), {
    name: "codex_queue_bytes",
    help: "Bytes that wait for slow clients.",
    type: "GAUGE",
    metrics: [{ value: "17" }],
  });
  const values = (name: string): unknown => all.get(name)?.metrics;
  assert.deepEqual(values("codex_build_info"), [{ value: "1", labels: { version: '0.0.1 "x\\y"\n' } }]);
  assert.deepEqual(values("codex_turns_total"), [
    { value: "0", labels: { status: "completed" } },
    { value: "0", labels: { status: "interrupted" } },
    { value: "0", labels: { status: "failed" } },
  ]);
  assert.deepEqual(values("process_start_time_seconds"), [{ value: "1800000000" }]);
  assert.deepEqual(values("process_resident_memory_bytes"), [{ value: "1000" }]);
  for (const { name, help, type } of all.values()) assert.ok(help !== "" && type !== "UNTYPED", name);
});

Deno.test("createMetrics() counts", () => {
  const metrics = createMetrics(isMethod);
  metrics.handshake("accepted");
  metrics.handshake("unauthorized");
  for (const transport of ["ws", "wss"]) metrics.connectionOpened(transport);
  metrics.connectionClosed("wss", 1001);
  metrics.connectionClosed("wss", 4321);
  metrics.request("turn/start", "ok", 0.004);
  metrics.request("turn/start", "ok", 2);
  metrics.request("turn/start", "-32001", 0);
  metrics.deltaMerged();
  metrics.turnStarted();
  metrics.turnStarted();
  metrics.turnEnded("failed");
  metrics.modelTokens({ input: 10, cachedInput: 4, output: 3 });
  const text = metrics.text(FACTS);
  const all = families(text);
  const values = (name: string): unknown => all.get(name)?.metrics;
  assert.deepEqual(values("codex_connections"), [
    { value: "2", labels: { transport: "ws" } },
    { value: "0", labels: { transport: "wss" } },
  ]);
  assert.deepEqual(values("codex_connections_closed_total"), [
    { value: "1", labels: { transport: "wss", code: "1001" } },
    { value: "1", labels: { transport: "wss", code: "other" } },
  ]);
  assert.deepEqual(values("codex_requests_total"), [
    { value: "2", labels: { method: "turn/start", outcome: "ok" } },
    { value: "1", labels: { method: "turn/start", outcome: "-32001" } },
  ]);
  const [histogram] = all.get("codex_request_duration_seconds")?.metrics ?? [];
  assert.deepEqual(histogram, {
    buckets: {
      "0.001": "1",
      "0.005": "2",
      "0.01": "2",
      "0.05": "2",
      "0.1": "2",
      "0.5": "2",
      "1": "2",
      "5": "3",
      "10": "3",
      "60": "3",
      "+Inf": "3",
    },
  });
  // The parser forgets these two of a histogram with labels.
  assert.match(text, /^codex_request_duration_seconds_sum\{method="turn\/start"\} 2\.004$/m);
  assert.match(text, /^codex_request_duration_seconds_count\{method="turn\/start"\} 3$/m);
  assert.equal(all.get("codex_request_duration_seconds")?.type, "HISTOGRAM");
  assert.deepEqual(values("codex_turns_started_total"), [{ value: "2" }]);
  assert.deepEqual(values("codex_deltas_merged_total"), [{ value: "1" }]);
  assert.deepEqual(values("codex_model_tokens_total"), [
    { value: "10", labels: { kind: "input" } },
    { value: "4", labels: { kind: "cached_input" } },
    { value: "3", labels: { kind: "output" } },
  ]);
});

Deno.test("createMetrics() makes no page larger than its tables, whatever clients send", () => {
  const metrics = createMetrics(isMethod);
  for (let count = 0; count < 10_000; count++) {
    metrics.request(`made/up${count}"\n}`, "-32600", 0.1);
    metrics.request("__proto__", "-32600", 0.1);
    metrics.connectionClosed("ws", 3000 + count % 2000);
  }
  const text = metrics.text(FACTS);
  assert.ok(text.split("\n").length < 120, `${text.split("\n").length} lines`);
  assert.deepEqual(families(text).get("codex_requests_total")?.metrics, [
    { value: "20000", labels: { method: "unknown", outcome: "-32600" } },
  ]);
});
