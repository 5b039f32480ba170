// What a measurement is: raw samples of ours and of what it is compared with, and the ratio that must hold.

export interface Samples {
  name: string;
  /** Milliseconds, or rounds per second; in the order measured. */
  values: number[];
}

export interface Figure {
  name: string;
  unit: "ms" | "per second" | "ok";
  ours: Samples;
  /** Undefined: the figure stands alone. */
  other?: Samples;
  /** The ratio of the medians, ours to other, must be at most / at least this. */
  atMost?: number;
  atLeast?: number;
  note?: string;
  /** For figures that are right or wrong, not fast or slow. */
  holds?: boolean;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function ratio(figure: Figure): number {
  return figure.other === undefined ? NaN : median(figure.ours.values) / median(figure.other.values);
}

/** The same figures with the samples of a second measurement added; what must hold must have held in both. */
export function pool(figures: Figure[], more: Figure[]): Figure[] {
  return figures.map((figure, at) => {
    const second = more[at];
    if (second === undefined || second.name !== figure.name) throw new TypeError(`Cannot pool ${figure.name}`);
    const joined = (a: Samples, b: Samples | undefined): Samples => ({
      ...a,
      values: [...a.values, ...(b?.values ?? [])],
    });
    return {
      ...figure,
      ours: joined(figure.ours, second.ours),
      ...(figure.other === undefined ? {} : { other: joined(figure.other, second.other) }),
      ...(figure.holds === undefined ? {} : { holds: figure.holds && second.holds !== false }),
    };
  });
}

/** True when the figure is met. */
export function judge(figure: Figure): boolean {
  if (figure.holds === false) return false;
  if (figure.atMost !== undefined && !(ratio(figure) <= figure.atMost)) return false;
  if (figure.atLeast !== undefined && !(ratio(figure) >= figure.atLeast)) return false;
  return true;
}

/** A markdown table: min / median / max of each side, ratio, bound, verdict. */
export function figureTable(figures: Figure[]): string {
  const rows = figures.map((figure) => {
    const bound = figure.atMost !== undefined
      ? `≤ ${figure.atMost}`
      : figure.atLeast !== undefined
      ? `≥ ${figure.atLeast}`
      : "";
    const other = figure.other === undefined ? "" : `${figure.other.name}: ${range(figure.other.values)}`;
    const factor = figure.other === undefined ? "" : ratio(figure).toFixed(2);
    const cells = [
      `${figure.name} (${figure.unit})`,
      `${figure.ours.name}: ${range(figure.ours.values)}`,
      other,
      factor,
      bound,
      judge(figure) ? "met" : "MISSED",
      figure.note ?? "",
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| figure | ours: min / median / max (runs) | other: min / median / max (runs) | ratio | bound | verdict | note |",
    "|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function range(values: number[]): string {
  if (values.length === 0) return "none";
  const show = (value: number): string => value >= 1000 ? value.toFixed(0) : value.toFixed(1);
  return `${show(Math.min(...values))} / ${show(median(values))} / ${show(Math.max(...values))} (${values.length})`;
}
