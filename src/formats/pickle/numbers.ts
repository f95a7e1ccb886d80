import { PickleFault } from "./fault.ts";
import type { MachineState } from "./machine-state.ts";
import { readWord } from "./texts.ts";
import { Float } from "./values.ts";
import type { PickleValue } from "./values.ts";

// How the opcodes of numbers read theirs.

/** Bytes of one whole number: checkpoints hold none above 2^80, and long ones take long. */
const maxNumberBytes = 16;

/** Digits of one whole number, sign included: as many as that many bytes can need. */
const maxNumberDigits = 40;

/** A whole number in digits, or a truth value, which the protocols 0 and 1 write as 00 and 01. */
export function readInt(state: MachineState): PickleValue {
  const word = readWord(state);
  if (word === "00") return false;
  if (word === "01") return true;
  return wholeNumber(word);
}

/** A whole number in digits, with or without the L that Python 2 puts after it. */
export function readLong(state: MachineState): number | bigint {
  return wholeNumber(readWord(state).replace(/L$/, ""));
}

/** A whole number in two's complement, least significant byte first, its length read before. */
export function readLongBytes(state: MachineState, length: number): number | bigint {
  if (length < 0 || length > maxNumberBytes) throw tooLong(length, "bytes", maxNumberBytes);
  let value = 0n;
  for (const byte of state.reader.take(length).toReversed()) value = (value << 8n) | BigInt(byte);
  return exact(BigInt.asIntN(8 * length, value));
}

/** A floating-point number as Python spells it. */
export function readFloat(state: MachineState): Float {
  const word = readWord(state);
  const infinity = /^([+-]?)inf$/.exec(word);
  if (infinity !== null) return new Float(infinity[1] === "-" ? -Infinity : Infinity);
  if (/^[+-]?nan$/.test(word)) return new Float(NaN);
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(word)) throw noNumber();
  return new Float(Number(word));
}

/** The number of an entry of the memo, in digits. */
export function readMemoKey(state: MachineState): number {
  const key = wholeNumber(readWord(state));
  if (typeof key === "number" && key >= 0) return key;
  throw new PickleFault(
    "pickle/memo",
    `numbers an entry of the memo ${key}, where 0 to 2^53 - 1 are allowed`,
  );
}

function wholeNumber(word: string): number | bigint {
  if (!/^[+-]?\d+$/.test(word)) throw noNumber();
  if (word.length > maxNumberDigits) throw tooLong(word.length, "digits", maxNumberDigits);
  return exact(BigInt(word.replace("+", "")));
}

/** As a number where that is exact. */
function exact(value: bigint): number | bigint {
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : value;
}

function noNumber(): PickleFault {
  return new PickleFault("pickle/text", "needs a number, but its line is none");
}

function tooLong(found: number, unit: string, limit: number): PickleFault {
  const predicate = `holds a whole number of ${found} ${unit}, where at most ${limit} are allowed`;
  return new PickleFault("pickle/limit", predicate);
}
