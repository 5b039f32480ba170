// The error object that the provider puts in refusals and in `response.failed`.

/** What the provider says of a failure; absent fields are null. */
export interface ErrorObject {
  readonly type: string | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly planType: string | null;
  /** Unix seconds. */
  readonly resetsAt: number | null;
}

/** The `error` object of a response body. */
export function errorObjectOf(body: string): ErrorObject {
  try {
    const parsed: unknown = JSON.parse(body);
    return readErrorObject(fieldOf(parsed, "error"));
  } catch {
    return readErrorObject(null);
  }
}

export function readErrorObject(value: unknown): ErrorObject {
  const text = (name: string): string | null => {
    const field = fieldOf(value, name);
    return typeof field === "string" ? field : null;
  };
  const resetsAt = fieldOf(value, "resets_at");
  return {
    type: text("type"),
    code: text("code"),
    message: text("message"),
    planType: text("plan_type"),
    resetsAt: typeof resetsAt === "number" && Number.isFinite(resetsAt) ? resetsAt : null,
  };
}

export function fieldOf(value: unknown, name: string): unknown {
  // An object's own field, read as unknown.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
