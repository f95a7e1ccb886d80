import type { DType } from "../../dtype.ts";
import { simd } from "./opcodes.ts";
import { type Narrowing, type Quad, quietDoubleNaN, quietNaN } from "./quad.ts";
import type { KernelWriter } from "./writer.ts";

/** How elements of one type travel between memory and vectors. */
export interface Codec {
  /** Width of an element in memory. */
  readonly bytes: number;
  /** Locals that a quad takes in the type's own precision. */
  readonly vectors: 1 | 2;
  /** How float64 must be rounded to float32 for `store` to end up with a single rounding. */
  readonly narrowing: Narrowing;
  /** Loads the quad at `offset` bytes from the address in the local `pointer`. */
  load(writer: KernelWriter, pointer: number, offset: number): Quad;
  /** Rounds a step's quads, makes every NaN the same, and stores them from the address in `pointer` on. */
  store(writer: KernelWriter, quads: readonly Quad[], pointer: number): void;
}

const F64: Codec = {
  bytes: 8,
  vectors: 2,
  narrowing: "nearest",
  load: (writer, pointer, offset) => [
    loadVector(writer, pointer, offset),
    loadVector(writer, pointer, offset + 16),
  ],
  store(writer, quads, pointer) {
    quads.flat().forEach((half, index) => {
      writer.code.get(pointer);
      quietDoubleNaN(writer, half);
      writer.code.memory(simd.v128Store, index * 16);
    });
  },
};

const F32: Codec = {
  bytes: 4,
  vectors: 1,
  narrowing: "nearest",
  load: (writer, pointer, offset) => [loadVector(writer, pointer, offset)],
  store(writer, quads, pointer) {
    quads.forEach(([value], index) => {
      writer.code.get(pointer);
      quietNaN(writer, value!);
      writer.code.memory(simd.v128Store, index * 16);
    });
  },
};

const BF16: Codec = {
  bytes: 2,
  vectors: 1,
  narrowing: "odd",
  load(writer, pointer, offset) {
    writer.code.get(pointer).memory(simd.v128Load16x4U, offset).i32(16).simd(simd.i32x4Shl);
    return [writer.keep()];
  },
  store: (writer, quads, pointer) => storeHalfWords(writer, quads, pointer, packBfloat16),
};

const F16: Codec = {
  bytes: 2,
  vectors: 1,
  narrowing: "odd",
  load(writer, pointer, offset) {
    const { code } = writer;
    code.get(pointer).memory(simd.v128Load16x4U, offset);
    const half = writer.keep();
    code.get(half);
    writer.constant(0x7fff).code.simd(simd.v128And).i32(13).simd(simd.i32x4Shl);
    const magnitude = writer.keep();
    // Moved to float32's places, the exponent is too small by 112. Subnormals get 113 and lose the leading one that
    // it brings; multiplying by 2^112 would do as well, but processors are slow on subnormal float32.
    code.get(magnitude);
    writer.constant(0x0080_0000).code.simd(simd.i32x4LtS);
    const subnormal = writer.keep();
    code.get(magnitude);
    writer.constant(112 << 23).code.simd(simd.i32x4Add);
    writer
      .constant(1 << 23)
      .code.get(subnormal)
      .simd(simd.v128And)
      .simd(simd.i32x4Add);
    writer
      .constant(113 << 23)
      .code.get(subnormal)
      .simd(simd.v128And)
      .simd(simd.f32x4Sub);
    // The largest exponent means infinity or NaN there and here.
    writer.constant(0x7f80_0000).code.get(magnitude);
    writer.constant(0x0f80_0000).code.simd(simd.i32x4GeS).simd(simd.v128And).simd(simd.v128Or);
    code.get(half);
    writer.constant(0x8000).code.simd(simd.v128And).i32(16).simd(simd.i32x4Shl).simd(simd.v128Or);
    return [writer.keep()];
  },
  store: (writer, quads, pointer) => storeHalfWords(writer, quads, pointer, packFloat16),
};

/** The codecs of all types that can be computed with. */
export const codecs: Readonly<Partial<Record<DType, Codec>>> = { F64, F32, BF16, F16 };

function loadVector(writer: KernelWriter, pointer: number, offset: number): number {
  writer.code.get(pointer).memory(simd.v128Load, offset);
  return writer.keep();
}

/** Stores the quads as 16-bit words, two quads a vector; `pack` leaves a quad's words on the stack, 32 bits each. */
function storeHalfWords(
  writer: KernelWriter,
  quads: readonly Quad[],
  pointer: number,
  pack: (writer: KernelWriter, value: number) => void,
): void {
  for (let index = 0; index < quads.length; index += 2) {
    writer.code.get(pointer);
    pack(writer, quads[index]![0]!);
    pack(writer, quads[index + 1]![0]!);
    writer.code.simd(simd.i16x8NarrowI32x4U).memory(simd.v128Store, index * 8);
  }
}

function packBfloat16(writer: KernelWriter, value: number): void {
  const { code } = writer;
  quietNaN(writer, value);
  const bits = writer.keep();
  // Half of the last place kept, less one when that place is even: ties go to even.
  code.get(bits);
  writer.constant(0x7fff).code.simd(simd.i32x4Add);
  code.get(bits).i32(16).simd(simd.i32x4ShrU);
  writer.constant(1).code.simd(simd.v128And).simd(simd.i32x4Add);
  code.i32(16).simd(simd.i32x4ShrU);
}

function packFloat16(writer: KernelWriter, value: number): void {
  const { code } = writer;
  code.get(value);
  writer.constant(0x7fff_ffff).code.simd(simd.v128And);
  const magnitude = writer.keep();

  // NaN, else infinity: what the chain of choices below falls through to.
  writer.constant(0x7e00).constant(0x7c00).code.get(magnitude);
  writer.constant(0x7f80_0000).code.simd(simd.i32x4GtS).simd(simd.v128Bitselect);
  const special = writer.keep();

  // Subnormal: adding one half lets the addition round to multiples of 2^-24, which then are the low bits.
  code.get(magnitude);
  writer.constant(0x3f00_0000).code.simd(simd.f32x4Add);
  writer.constant(0x3f00_0000).code.simd(simd.i32x4Sub);
  const subnormal = writer.keep();

  // Normal: rebias the exponent by 112 and round at bit 13, ties to even.
  code.get(magnitude);
  writer.constant(0xfff - (112 << 23)).code.simd(simd.i32x4Add);
  code.get(magnitude).i32(13).simd(simd.i32x4ShrU);
  writer.constant(1).code.simd(simd.v128And).simd(simd.i32x4Add);
  code.i32(13).simd(simd.i32x4ShrU);
  const normal = writer.keep();

  code.get(subnormal).get(normal).get(magnitude);
  writer.constant(0x3880_0000).code.simd(simd.i32x4LtS).simd(simd.v128Bitselect);
  code.get(special).get(magnitude);
  // 65520, half-way from the largest float16 to the next power of two, rounds to infinity.
  writer.constant(0x477f_f000).code.simd(simd.i32x4LtS).simd(simd.v128Bitselect);
  code.get(value).i32(16).simd(simd.i32x4ShrU);
  writer.constant(0x8000).code.simd(simd.v128And);
  // A NaN loses its sign: there is only one NaN in an output.
  code.get(value).get(value).simd(simd.f32x4Eq).simd(simd.v128And).simd(simd.v128Or);
}
