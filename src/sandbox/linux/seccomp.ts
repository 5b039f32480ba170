// The seccomp filter as BPF bytes, made from sandbox_profiles/seccomp_linux.json (the list that reviewers read). bwrap
// installs it right before the command starts, so it binds the command and all it starts. Source: seccomp(2), bpf(4).
import profile from "../../../sandbox_profiles/seccomp_linux.json" with { type: "json" };

export type SeccompArchitecture = keyof typeof profile.architectures;
export type SeccompFilterName = keyof typeof profile.filters;

interface Condition {
  readonly arg: number;
  /** The argument is a pointer: its high 32 bits must be zero as well. Of others, ints, the kernel drops them. */
  readonly wide?: boolean;
  readonly mask?: number;
  readonly value: number;
}

interface ConditionalRule {
  readonly calls: readonly string[];
  /** Holds when all conditions of one of these hold. */
  readonly anyOf: readonly (readonly Condition[])[];
}

interface Rules {
  /** Fail with EPERM. */
  readonly deny: readonly { readonly calls: readonly string[] }[];
  /** Fail with ENOSYS: programs take another call instead. */
  readonly absent: readonly { readonly calls: readonly string[] }[];
  readonly denyUnless: readonly ConditionalRule[];
  readonly denyIf: readonly ConditionalRule[];
}

interface Filter extends Rules {
  /** Names of groups: rules that filters share. */
  readonly includes: readonly string[];
}

interface Instruction {
  readonly code: number;
  readonly jumpTrue?: number;
  readonly jumpFalse?: number;
  readonly operand: number;
}

const LOAD = 0x20;
const AND = 0x54;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const RETURN = 0x06;

const ALLOW = 0x7fff_0000;
const EPERM = 0x0005_0000 | 1;
const ENOSYS = 0x0005_0000 | 38;
const KILL_PROCESS = 0x8000_0000;

/** Offsets in the kernel's `seccomp_data`. */
const NUMBER_OFFSET = 0;
const ARCH_OFFSET = 4;
const ARGS_OFFSET = 16;
const ARG_BYTES = 8;
const HIGH_HALF = 4;
const INSTRUCTION_BYTES = 8;

/** The program as the kernel reads it, little-endian `sock_filter` records. */
export function seccompFilter(name: SeccompFilterName, architecture: SeccompArchitecture): Uint8Array<ArrayBuffer> {
  const filter: Filter = profile.filters[name];
  const { auditArch, foreignFrom } = profile.architectures[architecture];
  const program: Instruction[] = [
    { code: LOAD, operand: ARCH_OFFSET },
    // Another ABI has other numbers: what is denied here would pass there.
    { code: JUMP_EQUAL, operand: auditArch, jumpTrue: 1, jumpFalse: 0 },
    give(KILL_PROCESS),
    loadNumber(),
  ];
  if (foreignFrom !== null) {
    program.push({ code: JUMP_AT_LEAST, operand: foreignFrom, jumpTrue: 0, jumpFalse: 1 }, give(KILL_PROCESS));
  }
  for (const rules of [...filter.includes.map(groupOf), filter]) {
    for (const { call, body } of bodiesOf(rules)) {
      const number = callNumber(call, architecture);
      if (number !== null) program.push(...onCall(number, body));
    }
  }
  program.push(give(ALLOW));
  return encode(program);
}

function groupOf(name: string): Rules {
  const groups: Readonly<Record<string, Rules>> = profile.groups;
  const group = groups[name];
  if (group === undefined) throw new RangeError(`Cannot make a seccomp filter: no group "${name}"`);
  return group;
}

/** What happens to each call, ending with a return. */
function bodiesOf(rules: Rules): readonly { readonly call: string; readonly body: readonly Instruction[] }[] {
  const always = (list: Rules["deny"], body: readonly Instruction[]) =>
    list.flatMap(({ calls }) => calls.map((call) => ({ call, body })));
  const decided = (list: readonly ConditionalRule[], whenOneHolds: number, otherwise: number) =>
    list.flatMap(({ calls, anyOf }) => calls.map((call) => ({ call, body: decide(anyOf, whenOneHolds, otherwise) })));
  return [
    ...always(rules.deny, [give(EPERM)]),
    ...always(rules.absent, [give(ENOSYS)]),
    ...decided(rules.denyUnless, ALLOW, EPERM),
    ...decided(rules.denyIf, EPERM, ALLOW),
  ];
}

/** Null: this architecture has no such call. */
/** Which filter these bytes are, or null. */
export function findSeccompFilterName(
  bytes: Uint8Array,
  architecture: SeccompArchitecture,
): SeccompFilterName | null {
  const names = Object.keys(profile.filters) as SeccompFilterName[]; // the keys of the table are its names
  const text = bytes.join();
  return names.find((name) => seccompFilter(name, architecture).join() === text) ?? null;
}

function callNumber(call: string, architecture: SeccompArchitecture): number | null {
  const numbers: Readonly<Record<string, Readonly<Record<SeccompArchitecture, number | null>>>> = profile.numbers;
  const number = numbers[call]?.[architecture];
  if (number === undefined) throw new RangeError(`Cannot make a seccomp filter: no number for "${call}"`);
  return number;
}

function give(result: number): Instruction {
  return { code: RETURN, operand: result };
}

function loadNumber(): Instruction {
  return { code: LOAD, operand: NUMBER_OFFSET };
}

/** `body` ends with a return; other calls jump over it with their number still loaded. */
function onCall(number: number, body: readonly Instruction[]): readonly Instruction[] {
  return [{ code: JUMP_EQUAL, operand: number, jumpTrue: 0, jumpFalse: body.length }, ...body];
}

function decide(anyOf: ConditionalRule["anyOf"], whenOneHolds: number, otherwise: number): readonly Instruction[] {
  const alternatives = anyOf.flatMap((conditions) => {
    const checks: Instruction[] = [give(whenOneHolds)];
    for (const { arg, wide, mask, value } of conditions.toReversed()) {
      if (wide === true) {
        checks.unshift(
          { code: LOAD, operand: ARGS_OFFSET + arg * ARG_BYTES + HIGH_HALF },
          { code: JUMP_EQUAL, operand: 0, jumpTrue: 0, jumpFalse: checks.length },
        );
      }
      checks.unshift(
        { code: LOAD, operand: ARGS_OFFSET + arg * ARG_BYTES },
        ...(mask === undefined ? [] : [{ code: AND, operand: mask }]),
        // Not equal: on to what comes after this alternative.
        { code: JUMP_EQUAL, operand: value, jumpTrue: 0, jumpFalse: checks.length },
      );
    }
    return checks;
  });
  return [...alternatives, give(otherwise)];
}

function encode(program: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(program.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, jumpTrue = 0, jumpFalse = 0, operand }] of program.entries()) {
    const at = index * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, jumpTrue);
    view.setUint8(at + 3, jumpFalse);
    view.setUint32(at + 4, operand >>> 0, true);
  }
  return bytes;
}
