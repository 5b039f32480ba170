import assert from "node:assert/strict";
import { interpreterOf } from "../../../src/host/program_interpreter.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));

const LINES: readonly (readonly [string, string | null])[] = [
  ["#!/bin/sh\n", "/bin/sh"],
  ["#! \t/bin/sh -e x\n", "/bin/sh"],
  ["#!/bin/sh", "/bin/sh"],
  ["#!/bin/sh\r\n", "/bin/sh\r"],
  ["#!bin/sh\n", "bin/sh"],
  ["#!/bin/sh\0-x\n", "/bin/sh"],
  ["#!\n/bin/sh\n", null],
  ["#!", null],
  ["#!/\xc3\xa4\n", "/ä"],
  ["#!/\xe4\n", null],
  [" #!/bin/sh\n", null],
  ["echo\n", null],
  ["", null],
  ["\x7fELF\x02\x01", null],
  ["\x7fELF\x01\x01" + "\0".repeat(200), null],
];
for (const [text, expected] of LINES) {
  Deno.test(`interpreterOf: ${JSON.stringify(text.slice(0, 20))} is started by ${expected}`, () => {
    assert.equal(interpreterOf(bytes(text), "x86_64"), expected);
  });
}

/** An ELF head of one machine with a header of no meaning and one that names a loader. */
function elf(machine: number, change: (view: DataView) => void = () => {}): Uint8Array {
  const head = new Uint8Array(512);
  head.set(bytes("\x7fELF\x02\x01"));
  const view = new DataView(head.buffer);
  view.setUint16(18, machine, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 2, true);
  view.setUint32(64, 6, true);
  view.setUint32(120, 3, true);
  view.setBigUint64(128, 300n, true);
  view.setBigUint64(152, 9n, true);
  head.set(bytes("/lib/ld1\0"), 300);
  change(view);
  return head;
}

Deno.test("interpreterOf: a dynamic program of this processor names its loader", () => {
  assert.equal(interpreterOf(elf(62), "x86_64"), "/lib/ld1");
  assert.equal(interpreterOf(elf(183), "aarch64"), "/lib/ld1");
  assert.equal(interpreterOf(elf(183), "x86_64"), null);
});

Deno.test("interpreterOf: what lies beyond the head, or makes no sense, is left to the kernel", () => {
  const changes: ((view: DataView) => void)[] = [
    (view) => view.setBigUint64(128, 510n, true),
    (view) => view.setBigUint64(32, 1n << 62n, true),
    (view) => view.setBigUint64(152, 0n, true),
    (view) => view.setUint16(56, 0, true),
    (view) => view.setUint16(56, 1, true),
  ];
  for (const change of changes) assert.equal(interpreterOf(elf(62, change), "x86_64"), null);
});
