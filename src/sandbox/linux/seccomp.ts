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

/** A group. A call is decided by the first rule that has an answer, in the order of groups and of the kinds here. */
interface Rules {
  /** Fail with EPERM. */
  readonly deny?: readonly { readonly calls: readonly string[] }[];
  /** Fail with ENOSYS: programs take another call instead. */
  readonly absent?: readonly { readonly calls: readonly string[] }[];
  /** Allowed where it holds; else later rules decide. */
  readonly allowIf?: readonly ConditionalRule[];
  /** Allowed where it holds, else EPERM. */
  readonly denyUnless?: readonly ConditionalRule[];
  /** EPERM where it holds; else later rules decide. */
  readonly denyIf?: readonly ConditionalRule[];
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
const USER_NOTIFICATION = 0x7fc0_0000;

/** Offsets in the kernel's `seccomp_data`. */
const NUMBER_OFFSET = 0;
const ARCH_OFFSET = 4;
const ARGS_OFFSET = 16;
const ARG_BYTES = 8;
const HIGH_HALF = 4;
const INSTRUCTION_BYTES = 8;

/** The program as the kernel reads it, little-endian `sock_filter` records. */
export function seccompFilter(name: SeccompFilterName, architecture: SeccompArchitecture): Uint8Array<ArrayBuffer> {
  const { includes } = profile.filters[name];
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
  for (const group of includes) {
    for (const { call, body } of bodiesOf(groupOf(group))) {
      const number = callNumber(call, architecture);
      if (number !== null) program.push(...onCall(number, body));
    }
  }
  program.push(give(ALLOW));
  return encode(program);
}

/**
 * A filter for `SECCOMP_FILTER_FLAG_NEW_LISTENER`: whoever holds the listener decides each `connect`, all else is as
 * another filter says.
 */
export function connectListenerFilter(architecture: SeccompArchitecture): Uint8Array<ArrayBuffer> {
  const { auditArch } = profile.architectures[architecture];
  return encode([
    { code: LOAD, operand: ARCH_OFFSET },
    // Calls by another ABI end in the other filter.
    { code: JUMP_EQUAL, operand: auditArch, jumpTrue: 1, jumpFalse: 0 },
    give(ALLOW),
    loadNumber(),
    ...onCall(callNumber("connect", architecture) ?? 0, [give(USER_NOTIFICATION)]),
    give(ALLOW),
  ]);
}

function groupOf(name: string): Rules {
  const groups: Readonly<Record<string, Rules>> = profile.groups;
  const group = groups[name];
  if (group === undefined) throw new RangeError(`Cannot make a seccomp filter: no group "${name}"`);
  return group;
}

/** What happens to each call: it ends with a return, or goes on with the number of the call loaded again. */
function bodiesOf(rules: Rules): readonly { readonly call: string; readonly body: readonly Instruction[] }[] {
  const always = (list: Rules["deny"] = [], result: number) =>
    list.flatMap(({ calls }) => calls.map((call) => ({ call, body: [give(result)] })));
  const decided = (list: readonly ConditionalRule[] = [], whenOneHolds: number, otherwise: Instruction) =>
    list.flatMap(({ calls, anyOf }) => calls.map((call) => ({ call, body: decide(anyOf, whenOneHolds, otherwise) })));
  return [
    ...always(rules.deny, EPERM),
    ...always(rules.absent, ENOSYS),
    ...decided(rules.allowIf, ALLOW, loadNumber()),
    ...decided(rules.denyUnless, ALLOW, give(EPERM)),
    ...decided(rules.denyIf, EPERM, loadNumber()),
  ];
}

/** Which filter these bytes are, or null. */
export function findSeccompFilterName(
  bytes: Uint8Array,
  architecture: SeccompArchitecture,
): SeccompFilterName | null {
  const names = Object.keys(profile.filters) as SeccompFilterName[]; // the keys of the table are its names
  const text = bytes.join();
  return names.find((name) => seccompFilter(name, architecture).join() === text) ?? null;
}

/** Null: this architecture has no such call. */
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

/** Other calls jump over `body` with their number still loaded. */
function onCall(number: number, body: readonly Instruction[]): readonly Instruction[] {
  return [{ code: JUMP_EQUAL, operand: number, jumpTrue: 0, jumpFalse: body.length }, ...body];
}

function decide(anyOf: ConditionalRule["anyOf"], whenOneHolds: number, otherwise: Instruction): readonly Instruction[] {
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
  return [...alternatives, otherwise];
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
