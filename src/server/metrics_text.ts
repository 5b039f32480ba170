// The numbers of a running server in the Prometheus text format (0.0.4). Names of methods are those of the table, so
// that no client can make the page grow. Source: https://prometheus.io/docs/instrumenting/exposition_formats/
import type { HandshakeOutcome, Metrics } from "./metrics.ts";

export interface MetricsFacts {
  /** By transport. */
  connections(): ReadonlyMap<string, number>;
  /** Bytes that wait for slow readers. */
  queueBytes(): number;
  runningTurns(): number;
  loadedThreads(): number;
  memory(): { readonly residentBytes: number; readonly heapBytes: number };
  /** Unix seconds. */
  readonly startedAt: number;
  readonly version: string;
}

export interface CountedMetrics extends Metrics {
  text(facts: MetricsFacts): string;
}

/** Upper bounds in seconds. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];
/** Counted from the start on, so that a rate is seen at the first one. */
const OUTCOMES: readonly HandshakeOutcome[] = [
  "accepted",
  "probe",
  "origin",
  "malformed",
  "other_user",
  "unauthorized",
  "rate_limited",
  "closing",
  "timeout",
];
const STATUSES = ["completed", "interrupted", "failed"];
const TOKEN_KINDS = ["input", "cached_input", "output"];

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

type Labels = Readonly<Record<string, string>>;

class Counter {
  readonly #values = new Map<string, number>();

  constructor(label = "", values: readonly string[] = []) {
    for (const value of values) this.add({ [label]: value }, 0);
  }

  add(labels: Labels, by = 1): void {
    const key = labelText(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + by);
  }

  lines(name: string): string[] {
    return [...this.#values].map(([labels, value]) => `${name}${labels} ${value}`);
  }
}

export function createMetrics(isMethod: (name: string) => boolean): CountedMetrics {
  const handshakes = new Counter("outcome", OUTCOMES);
  const opened = new Counter();
  const closed = new Counter();
  const requests = new Counter();
  const turns = new Counter("status", STATUSES);
  const tokens = new Counter("kind", TOKEN_KINDS);
  const durations = new Map<string, Histogram>();
  /** Those with no client are told too. */
  const transports = new Set<string>();
  let turnsStarted = 0;
  let merged = 0;

  function observe(method: string, seconds: number): void {
    const known = durations.get(method);
    const histogram = known ?? { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
    if (known === undefined) durations.set(method, histogram);
    histogram.sum += seconds;
    histogram.count++;
    BUCKETS.forEach((bound, at) => {
      if (seconds <= bound) histogram.counts[at] = (histogram.counts[at] ?? 0) + 1;
    });
  }

  return {
    handshake: (outcome: HandshakeOutcome) => handshakes.add({ outcome }),
    connectionOpened(transport): void {
      transports.add(transport);
      opened.add({ transport });
    },
    connectionClosed: (transport, code) => closed.add({ transport, code: closeCode(code) }),
    request(method, outcome, seconds): void {
      const name = isMethod(method) ? method : "unknown";
      requests.add({ method: name, outcome });
      observe(name, seconds);
    },
    deltaMerged(): void {
      merged++;
    },
    turnStarted: () => void turnsStarted++,
    turnEnded: (status) => turns.add({ status }),
    modelTokens({ input, cachedInput, output }): void {
      tokens.add({ kind: "input" }, input);
      tokens.add({ kind: "cached_input" }, cachedInput);
      tokens.add({ kind: "output" }, output);
    },
    text(facts): string {
      const page: string[] = [];
      const put = (name: string, type: string, help: string, lines: readonly string[]): void => {
        page.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines);
      };
      const gauge = (name: string, help: string, value: number): void => put(name, "gauge", help, [`${name} ${value}`]);
      const counter = (name: string, help: string, values: Counter): void =>
        put(name, "counter", help, values.lines(name));
      const single = (name: string, help: string, value: number): void =>
        put(name, "counter", help, [`${name} ${value}`]);
      const connections = facts.connections();
      put("codex_build_info", "gauge", "Always 1; the version is a label.", [
        `codex_build_info${labelText({ version: facts.version })} 1`,
      ]);
      put(
        "codex_connections",
        "gauge",
        "Clients that are connected.",
        [...transports].map((transport) =>
          `codex_connections${labelText({ transport })} ${connections.get(transport) ?? 0}`
        ),
      );
      counter("codex_connections_opened_total", "Clients that have connected.", opened);
      counter("codex_connections_closed_total", "Connections that have ended, by WebSocket close code.", closed);
      counter("codex_handshakes_total", "HTTP requests to a listener, by what became of them.", handshakes);
      counter("codex_requests_total", 'Requests by method and outcome: "ok" or the error code.', requests);
      put(
        "codex_request_duration_seconds",
        "histogram",
        "Time from a request to its answer.",
        [...durations].flatMap(([method, histogram]) => histogramLines(method, histogram)),
      );
      single("codex_turns_started_total", "Turns that have started.", turnsStarted);
      counter("codex_turns_total", "Turns that have ended, by how.", turns);
      gauge("codex_turns_running", "Threads with a running turn.", facts.runningTurns());
      gauge("codex_threads_loaded", "Threads in memory.", facts.loadedThreads());
      counter("codex_model_tokens_total", "Tokens that the model has counted.", tokens);
      gauge("codex_queue_bytes", "Bytes that wait for slow clients.", facts.queueBytes());
      single("codex_deltas_merged_total", "Deltas joined with the one before, for slow clients.", merged);
      const { residentBytes, heapBytes } = facts.memory();
      gauge("process_resident_memory_bytes", "Memory that the process holds.", residentBytes);
      gauge("codex_heap_bytes", "Memory of JavaScript objects, a part of it.", heapBytes);
      gauge("process_start_time_seconds", "When the process started, in Unix seconds.", facts.startedAt);
      return `${page.join("\n")}\n`;
    },
  };
}

/** Clients choose theirs, of thousands: those that have a name of their own, and one for all others. */
function closeCode(code: number): string {
  return code === 0 || (code >= 1000 && code <= 1015) ? String(code) : "other";
}

function histogramLines(method: string, { counts, sum, count }: Histogram): string[] {
  const name = "codex_request_duration_seconds";
  return [
    ...BUCKETS.map((bound, at) => `${name}_bucket${labelText({ method, le: String(bound) })} ${counts[at] ?? 0}`),
    `${name}_bucket${labelText({ method, le: "+Inf" })} ${count}`,
    `${name}_sum${labelText({ method })} ${sum}`,
    `${name}_count${labelText({ method })} ${count}`,
  ];
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const text = value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
    return `${name}="${text}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
