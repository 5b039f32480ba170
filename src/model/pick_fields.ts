// Copies from an untrusted value only what a schema knows. The provider adds fields (status, annotations, logprobs)
// that neither history nor the wire carries, and may send anything at all.
import type { Static, TSchema } from "typebox";

/** The parts of JSON Schema that this protocol's schemas use. */
interface SchemaNode {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
}

const NO_MATCH = Symbol("no match");

/** `value` with unknown fields left out, or null when it does not fit the schema. */
export function pickFields<S extends TSchema>(schema: S, value: unknown): Static<S> | null {
  // A TypeBox schema is its JSON Schema; the result was checked against it field by field.
  const picked = pick(schema as SchemaNode, value);
  return picked === NO_MATCH ? null : picked as Static<S>;
}

function pick(node: SchemaNode, value: unknown): unknown {
  if (node.anyOf) {
    for (const option of node.anyOf) {
      const picked = pick(option, value);
      if (picked !== NO_MATCH) return picked;
    }
    return NO_MATCH;
  }
  if (node.const !== undefined) return value === node.const ? value : NO_MATCH;
  if (node.enum) return node.enum.includes(value) ? value : NO_MATCH;
  switch (node.type) {
    case undefined:
      return value;
    case "null":
      return value === null ? null : NO_MATCH;
    case "string":
      return typeof value === "string" ? value : NO_MATCH;
    case "boolean":
      return typeof value === "boolean" ? value : NO_MATCH;
    case "number":
      return typeof value === "number" ? value : NO_MATCH;
    case "integer":
      return Number.isInteger(value) ? value : NO_MATCH;
    case "array":
      return pickArray(node, value);
    case "object":
      return pickObject(node, value);
    default:
      return NO_MATCH;
  }
}

function pickArray(node: SchemaNode, value: unknown): unknown {
  if (!Array.isArray(value)) return NO_MATCH;
  const items: unknown[] = [];
  for (const element of value) {
    const picked = pick(node.items ?? {}, element);
    if (picked === NO_MATCH) return NO_MATCH;
    items.push(picked);
  }
  return items;
}

function pickObject(node: SchemaNode, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return NO_MATCH;
  // Checked above to be a plain object; its fields stay unknown.
  const fields = value as Readonly<Record<string, unknown>>;
  if (node.patternProperties) return pickRecord(Object.values(node.patternProperties)[0] ?? {}, fields);
  const result: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(node.properties ?? {})) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      if (node.required?.includes(name)) return NO_MATCH;
      continue;
    }
    const picked = pick(schema, field);
    if (picked === NO_MATCH) return NO_MATCH;
    result[name] = picked;
  }
  return result;
}

function pickRecord(schema: SchemaNode, fields: Readonly<Record<string, unknown>>): unknown {
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const picked = pick(schema, field);
    if (picked === NO_MATCH) return NO_MATCH;
    Object.defineProperty(result, name, { value: picked, enumerable: true, writable: true, configurable: true });
  }
  return result;
}
