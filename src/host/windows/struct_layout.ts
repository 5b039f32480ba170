// C structs of Win32 as tables of fields: offsets by the rules of 64-bit alignment, values written little endian. Pure.

export type FieldKind = "u8" | "u16" | "u32" | "i32" | "u64";
export type StructTable = readonly (readonly [name: string, kind: FieldKind])[];

const BYTES: Readonly<Record<FieldKind, number>> = { u8: 1, u16: 2, u32: 4, i32: 4, u64: 8 };

export interface StructLayout {
  readonly size: number;
  readonly offsets: Readonly<Record<string, number>>;
  /** Fields that are not named are zero. @throws TypeError for a field that the table does not have. */
  write(values: Readonly<Record<string, number | bigint>>): Uint8Array<ArrayBuffer>;
  read(bytes: Uint8Array, name: string): bigint;
}

export function layoutOf(table: StructTable): StructLayout {
  const offsets: Record<string, number> = {};
  const kinds = new Map(table);
  let at = 0;
  let widest = 1;
  for (const [name, kind] of table) {
    const bytes = BYTES[kind];
    at = alignUp(at, bytes);
    offsets[name] = at;
    at += bytes;
    widest = Math.max(widest, bytes);
  }
  const size = alignUp(at, widest);

  function place(name: string): { kind: FieldKind; offset: number } {
    const [kind, offset] = [kinds.get(name), offsets[name]];
    if (kind === undefined || offset === undefined) throw new TypeError(`Cannot find the field "${name}" of a struct`);
    return { kind, offset };
  }

  return {
    size,
    offsets,
    write(values): Uint8Array<ArrayBuffer> {
      const bytes = new Uint8Array(size);
      const view = new DataView(bytes.buffer);
      for (const [name, value] of Object.entries(values)) {
        const { kind, offset } = place(name);
        if (kind === "u64") view.setBigUint64(offset, BigInt(value), true);
        else if (kind === "u8") view.setUint8(offset, Number(value));
        else if (kind === "u16") view.setUint16(offset, Number(value), true);
        else view.setUint32(offset, Number(value), true);
      }
      return bytes;
    },
    read(bytes, name): bigint {
      const { kind, offset } = place(name);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (kind === "u64") return view.getBigUint64(offset, true);
      if (kind === "i32") return BigInt(view.getInt32(offset, true));
      if (kind === "u32") return BigInt(view.getUint32(offset, true));
      return BigInt(kind === "u16" ? view.getUint16(offset, true) : view.getUint8(offset));
    },
  };
}

function alignUp(offset: number, to: number): number {
  return Math.ceil(offset / to) * to;
}
