import type { Precision } from "../../dtype.ts";
import { assemble, type Code } from "../wasm/assemble.ts";
import { EMPTY_BLOCK, plain } from "../wasm/opcodes.ts";
import { KernelWriter } from "../wasm/writer.ts";
import { COUNT_BYTES, countsBytes, DIGIT_VALUES, type RecordLayout, recordOf } from "./layout.ts";

/** The numbers of the parameters of the function. */
const parameters = {
  /** Address of the row, of float32 or float64, which is replaced by its ranks. */
  row: 0,
  /** How many elements it has, at least one. */
  elements: 1,
  /** Address of `rankScratchBytes`. */
  scratch: 2,
} as const;

/**
 * The binary of a module whose `run` does what `rowRanks` says, by a radix sort from the lowest digit up. A digit that is
 * the same in all of a row is passed over: differences of 16-bit numbers have few significant bits.
 */
export function compileRowRanks(precision: Precision): Uint8Array<ArrayBuffer> {
  const compiler = new RowRanksCompiler(recordOf(precision), opcodes[precision]);
  return assemble(compiler.compile().module());
}

/** What depends on the width of a number. */
const opcodes = {
  float32: {
    type: "i32",
    constant: (code: Code, value: number) => code.i32(value),
    load: plain.i32Load,
    store: plain.i32Store,
    shiftUp: plain.i32Shl,
    shiftDown: plain.i32ShrU,
    toWord: [],
    equal: plain.i32Eq,
    fromDouble: [plain.f32DemoteF64],
    storeRank: plain.f32Store,
  },
  float64: {
    type: "i64",
    constant: (code: Code, value: number) => code.i64(BigInt(value)),
    load: plain.i64Load,
    store: plain.i64Store,
    shiftUp: plain.i64Shl,
    shiftDown: plain.i64ShrU,
    toWord: [plain.i32WrapI64],
    equal: plain.i64Eq,
    fromDouble: [],
    storeRank: plain.f64Store,
  },
} as const;

class RowRanksCompiler {
  private readonly record: RecordLayout;
  private readonly opcodes: (typeof opcodes)[Precision];
  private readonly writer = new KernelWriter(["i32", "i32", "i32"]);
  private readonly code = this.writer.code;
  /** Bits of a magnitude. */
  private readonly key: number;
  /** Where the records are, and where the next digit puts them. */
  private readonly from = this.writer.local("i32");
  private readonly to = this.writer.local("i32");
  /** Address that a loop is at, where it ends, and the address of something else that it goes through. */
  private readonly at = this.writer.local("i32");
  private readonly end = this.writer.local("i32");
  private readonly other = this.writer.local("i32");
  private readonly rank = this.writer.local("f64");

  constructor(record: RecordLayout, own: (typeof opcodes)[Precision]) {
    this.record = record;
    this.opcodes = own;
    this.key = this.writer.local(own.type);
  }

  compile(): KernelWriter {
    const { code, from, to, record } = this;
    const counts = countsBytes(record);
    code.get(parameters.scratch).i32(0).i32(counts).fill();
    code.get(parameters.scratch).i32(counts).op(plain.i32Add).set(from);
    this.endOf(from).set(to);
    this.makeRecords();
    for (let digit = 0; digit < record.keyBytes; digit++) this.sortBy(digit);
    this.writeRanks();
    return this.writer;
  }

  /** Leaves the address behind all records from `start` on. */
  private endOf(start: number): Code {
    const { code, record } = this;
    return code.get(start).get(parameters.elements).i32(record.bytes).op(plain.i32Mul).op(plain.i32Add);
  }

  /** Writes a loop that has `at` go from where it is to `end` in steps of that many bytes, one at least. */
  private upToEnd(bytes: number, body: () => void): void {
    const { code, at, end } = this;
    code.op(plain.loop).op(EMPTY_BLOCK);
    body();
    code.get(at).i32(bytes).op(plain.i32Add).set(at);
    code.get(at).get(end).op(plain.i32Ne).op(plain.brIf).op(0).op(plain.end);
  }

  private overRecords(body: () => void): void {
    this.code.get(this.from).set(this.at);
    this.endOf(this.from).set(this.end);
    this.upToEnd(this.record.bytes, body);
  }

  /** Makes a record of each element, and counts the values of its digits. */
  private makeRecords(): void {
    const { code, key, at, other: element, record } = this;
    const { constant, load, store, shiftUp, shiftDown, toWord } = this.opcodes;
    const count = this.writer.scratch();
    code.get(parameters.row).set(element);
    this.overRecords(() => {
      // Shifted up and down by one bit, a number has lost its sign.
      constant(code.get(element).load(load, 0), 1).op(shiftUp);
      constant(code, 1).op(shiftDown).set(key);
      code.get(at).get(key).load(store, 0);
      code.get(at).get(element).load(plain.i32Store, record.keyBytes);
      for (let digit = 0; digit < record.keyBytes; digit++) {
        constant(code.get(key), 8 * digit).op(shiftDown);
        for (const opcode of toWord) code.op(opcode);
        code.i32(DIGIT_VALUES - 1).op(plain.i32And);
        this.countOf().set(count);
        code.get(count).get(count).load(plain.i32Load, tableOf(digit)).i32(1).op(plain.i32Add);
        code.load(plain.i32Store, tableOf(digit));
      }
      code.get(element).i32(record.keyBytes).op(plain.i32Add).set(element);
    });
  }

  /** Takes the value of a digit; leaves the address of its count, as if its table were the first. */
  private countOf(): Code {
    const { code } = this;
    return code.i32(COUNT_BYTES).op(plain.i32Mul).get(parameters.scratch).op(plain.i32Add);
  }

  /** Puts the records in the order of a digit, without changing that of equals, unless it is the same in all. */
  private sortBy(digit: number): void {
    const { code, from, to, at, other: place, record } = this;
    const count = this.writer.scratch();
    code.op(plain.block).op(EMPTY_BLOCK);
    code.get(from).load(plain.i32Load8U, digit);
    this.countOf().load(plain.i32Load, tableOf(digit)).get(parameters.elements).op(plain.i32Eq);
    code.op(plain.brIf).op(0);

    this.makePlaces(digit);
    this.overRecords(() => {
      code.get(at).load(plain.i32Load8U, digit);
      this.countOf().set(count).get(count).load(plain.i32Load, tableOf(digit)).set(place);
      for (let offset = 0; offset < record.bytes; offset += 8) {
        code.get(place).get(at).load(plain.i64Load, offset).load(plain.i64Store, offset);
      }
      code.get(count).get(place).i32(record.bytes).op(plain.i32Add).load(plain.i32Store, tableOf(digit));
    });
    code.get(from).get(to).set(from).set(to);
    code.op(plain.end);
  }

  /** Makes of each count of a digit the address of the first record that has the value. */
  private makePlaces(digit: number): void {
    const { code, to, at, end, other: place, record } = this;
    const count = this.writer.scratch();
    code.get(to).set(place);
    code.get(parameters.scratch).i32(tableOf(digit)).op(plain.i32Add).set(at);
    code
      .get(parameters.scratch)
      .i32(tableOf(digit + 1))
      .op(plain.i32Add)
      .set(end);
    this.upToEnd(COUNT_BYTES, () => {
      code.get(at).load(plain.i32Load, 0).set(count);
      code.get(at).get(place).load(plain.i32Store, 0);
      code.get(place).get(count).i32(record.bytes).op(plain.i32Mul).op(plain.i32Add).set(place);
    });
  }

  /** Writes the ranks of the sorted records to their elements' places. */
  private writeRanks(): void {
    const { code, from, at, end, other: next, rank, record } = this;
    const { fromDouble, storeRank } = this.opcodes;
    code.get(from).set(at);
    this.endOf(from).set(end);
    code.op(plain.loop).op(EMPTY_BLOCK);
    this.findNext();
    this.meanRank().set(rank);

    code.op(plain.loop).op(EMPTY_BLOCK);
    code.get(at).load(plain.i32Load, record.keyBytes).get(rank);
    for (const opcode of fromDouble) code.op(opcode);
    code.load(storeRank, 0);
    code.get(at).i32(record.bytes).op(plain.i32Add).set(at);
    code.get(at).get(next).op(plain.i32Ne).op(plain.brIf).op(0).op(plain.end);
    code.get(at).get(end).op(plain.i32Ne).op(plain.brIf).op(0).op(plain.end);
  }

  /** Sets `other` to the first record with another magnitude than the one at `at`, or to the end. */
  private findNext(): void {
    const { code, key, at, end, other: next, record } = this;
    const { load, equal } = this.opcodes;
    code.get(at).load(load, 0).set(key).get(at).set(next);
    code.op(plain.loop).op(EMPTY_BLOCK);
    code.get(next).i32(record.bytes).op(plain.i32Add).set(next);
    code.op(plain.block).op(EMPTY_BLOCK);
    code.get(next).get(end).op(plain.i32Eq).op(plain.brIf).op(0);
    code.get(next).load(load, 0).get(key).op(equal).op(plain.brIf).op(1);
    code.op(plain.end).op(plain.end);
  }

  /** Leaves the rank that the records from `at` up to `other` share; 1 in a row of one. */
  private meanRank(): Code {
    const { code, from, at, other: next, record } = this;
    // Numbers of the first and of the last add up to twice the mean; what they are divided by is doubled, too.
    code.get(at).get(from).op(plain.i32Sub).get(next).get(from).op(plain.i32Sub).op(plain.i32Add);
    code.i32(Math.log2(record.bytes)).op(plain.i32ShrU).i32(1).op(plain.i32Sub).op(plain.f64ConvertI32U);
    code.get(parameters.elements).i32(1).op(plain.i32Sub).i32(1).op(plain.i32Shl).op(plain.f64ConvertI32U);
    code.op(plain.f64Div).f64(1).get(parameters.elements).i32(1).op(plain.i32Ne).op(plain.select);
    return code;
  }
}

/** Where the counts of a digit begin. */
function tableOf(digit: number): number {
  return digit * DIGIT_VALUES * COUNT_BYTES;
}
