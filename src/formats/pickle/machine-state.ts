import type { ByteSource } from "../../io/source.ts";
import { shorten } from "../describe-json.ts";
import { PickleFault, untrustedHint } from "./fault.ts";
import { PickleReader } from "./reader.ts";
import type { FileRange } from "./reader.ts";
import { Global } from "./values.ts";
import type { Extent, PickleValue } from "./values.ts";

// A pickle can make a value with every byte, and each takes some hundred bytes of memory. These limits are far above
// what checkpoints need, and keep the worst file at a second and some 200 MB.

/**
 * Values that a pickle makes: containers, calls, texts, pairs. A tensor takes some ten, so that one file may hold
 * 60,000; the largest known model has 497,000, in more than a hundred files.
 */
const maxValues = 600_000;

/** Opcodes that are run; a tensor takes some fifty. Even those that make nothing take time, and room in a tuple. */
const maxOpcodes = 10_000_000;

/** Values kept in the memo; picklers keep nearly all that they make. */
const maxMemoEntries = maxValues;

/** Values on the stack, marks included. Python's pickler puts a thousand pairs at once there, and then adds them. */
const maxStackDepth = 100_000;

/**
 * Bytes of all texts and lines that are read, in the file: five hundred for each of those tensors, of which a name takes
 * a hundred, and numbers in protocol 0 two hundred.
 */
const maxTextsBytes = 30_000_000;

/** What a byte of a text with escapes counts: undoing them takes as many times as long. */
const escapedByteCost = 8;

/** What the machine has at hand while it runs a pickle. Its methods throw a `PickleFault`. */
export class MachineState {
  readonly reader: PickleReader;
  /** What the pickle holds, once it says that it ends. */
  result: PickleValue | undefined;
  private readonly allowed: ReadonlySet<string>;
  private readonly stack: PickleValue[] = [];
  /** Heights of the stack at each mark. */
  private readonly marks: number[] = [];
  /** A Map, since its keys come from the file: an array would grow to the largest. */
  private readonly memo = new Map<number, PickleValue>();
  private readonly textPlaces = new Map<string, Extent>();
  private opcodes = 0;
  private values = 0;
  private textsBytes = 0;

  /** @param allowed full names of the globals that the pickle may name. */
  constructor(source: ByteSource, range: FileRange, allowed: ReadonlySet<string>) {
    this.reader = new PickleReader(source, range);
    this.allowed = allowed;
  }

  /** Counts an opcode towards their limit. */
  countOpcode(): void {
    if (++this.opcodes > maxOpcodes) throw tooMuch(`${maxOpcodes} opcodes`);
  }

  /** Counts `values` new ones towards their limit. */
  count(values: number): void {
    this.values += values;
    if (this.values > maxValues) throw tooMuch(`${maxValues} values`);
  }

  push(value: PickleValue): void {
    if (this.stack.length + this.marks.length >= maxStackDepth) throw tooDeep();
    this.stack.push(value);
  }

  /** Pushes a value that did not exist before. */
  pushNew(value: PickleValue): void {
    this.count(1);
    this.push(value);
  }

  /** Counts a text or a line about to be read towards the limit of their bytes. */
  countText(bytes: number, isEscaped = false): void {
    this.textsBytes += isEscaped ? escapedByteCost * bytes : bytes;
    if (this.textsBytes > maxTextsBytes) throw tooMuch(`${maxTextsBytes} bytes of short texts`);
  }

  /** Pushes a text. @param place where it was read; absent when it stands there in quotes, escaped as no data is. */
  pushText(text: string, place?: Extent): void {
    if (place !== undefined && !this.textPlaces.has(text)) this.textPlaces.set(text, place);
    this.pushNew(text);
  }

  /** Where in the file there is a text of this content; any place does, since all hold the same. */
  placeOf(text: string): Extent | undefined {
    return this.textPlaces.get(text);
  }

  /** The value on top of the stack, which must not lie below the last mark. */
  top(): PickleValue {
    this.need(1);
    return this.stack.at(-1)!;
  }

  /** Takes the value on top of the stack, which must not lie below the last mark. */
  pop(): PickleValue {
    this.need(1);
    return this.stack.pop()!;
  }

  /** Takes the `size` values on top, in the order in which they were pushed. */
  popMany(size: number): PickleValue[] {
    this.need(size);
    return this.stack.splice(-size);
  }

  mark(): void {
    if (this.stack.length + this.marks.length >= maxStackDepth) throw tooDeep();
    this.marks.push(this.stack.length);
  }

  /** Takes all values above the last mark, and the mark. */
  popToMark(): PickleValue[] {
    const height = this.marks.pop();
    if (height === undefined) {
      throw new PickleFault("pickle/stack", "needs a mark, but there is none on the stack", untrustedHint);
    }
    return this.stack.splice(height);
  }

  /** Takes what is on top, a value or a mark. */
  drop(): void {
    if (this.marks.length > 0 && this.stack.length === this.marks.at(-1)) this.marks.pop();
    else this.pop();
  }

  /** Keeps the value on top under `key`. */
  remember(key: number): void {
    this.memo.set(key, this.top());
    if (this.memo.size > maxMemoEntries) throw tooMuch(`${maxMemoEntries} entries of the memo`);
  }

  /** Keeps the value on top under the number of entries there are. */
  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(key: number): void {
    const value = this.memo.get(key);
    if (value === undefined) {
      const predicate = `asks for entry ${key} of the memo, which is empty`;
      throw new PickleFault("pickle/memo", predicate, untrustedHint);
    }
    this.push(value);
  }

  /** Pushes a global, when it is allowed. */
  pushGlobal(module: string, name: string): void {
    const fullName = `${module}.${name}`;
    if (!this.allowed.has(fullName)) throw forbidden(fullName);
    this.pushNew(new Global(fullName));
  }

  /** Ends the pickle: the value on top must be the only one. */
  finish(): void {
    const value = this.pop();
    const rest = this.stack.length + this.marks.length;
    if (rest > 0) {
      const predicate = `must leave one value on the stack, but leaves ${rest + 1}`;
      throw new PickleFault("pickle/stack", predicate, untrustedHint);
    }
    this.result = value;
  }

  /** Makes sure that there are `size` values above the last mark. */
  private need(size: number): void {
    if (this.stack.length - (this.marks.at(-1) ?? 0) >= size) return;
    throw new PickleFault("pickle/stack", "needs a value, but there is none on the stack", untrustedHint);
  }
}

function forbidden(fullName: string): PickleFault {
  const predicate = `asks to import ${JSON.stringify(shorten(fullName))}, which no checkpoint needs`;
  const hint =
    "nothing of it was run; it may be malicious, or hold more than tensors: save only a dict of them (state_dict), or find out where the file came from";
  return new PickleFault("pickle/global", predicate, hint);
}

function tooDeep(): PickleFault {
  return tooMuch(`${maxStackDepth} values and marks on the stack at once`);
}

function tooMuch(what: string): PickleFault {
  return new PickleFault("pickle/limit", `goes beyond the limit of ${what}`, untrustedHint);
}
