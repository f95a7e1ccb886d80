import type { Precision } from "../../dtype.ts";
import { foldLanes, REDUCTION_LANES, reductions } from "../../formula/reductions.ts";
import type { StageReduction } from "../../formula/stage.ts";
import { simd } from "./opcodes.ts";
import { promoteHalf, type Quad } from "./quad.ts";
import type { KernelWriter } from "./writer.ts";

/** Bytes that the lanes of one reduction take in memory. */
export const LANES_BYTES: number = REDUCTION_LANES * 8;

/** Writes the code of one reduction: its lanes stay in vectors during the loop, and are stored at the end. */
export interface Accumulator {
  /** Adds a quad of each argument; `quad` is its number in the step, `rest` limits how many elements count. */
  add(args: readonly Quad[], quad: number, rest: Rest | undefined): void;
  /** Stores the lanes at the address in the local `pointer`, `offset` bytes on. */
  store(pointer: number, offset: number): void;
}

/** Vectors with the number of a last step's elements in all lanes. */
export interface Rest {
  readonly words: number;
  readonly doubleWords: number;
}

export function accumulatorFor(
  writer: KernelWriter,
  { by }: StageReduction,
  precision: Precision,
): Accumulator {
  const row = reductions[by].wasm;
  return row.lanes === "mask"
    ? maskCounter(writer, precision)
    : doubleFold(writer, row, reductions[by].identity);
}

/** The partial of a block that its lanes hold after a kernel has run over it. */
export function partialOf(by: StageReduction["by"], precision: Precision, lanes: Float64Array): number {
  if (reductions[by].wasm.lanes === "float64") return foldLanes(by, lanes);
  const words = new Uint32Array(lanes.buffer, lanes.byteOffset, 4).reduce((sum, count) => sum + count, 0);
  // A mask of float64 is two words wide.
  return precision === "float32" ? words : words / 2;
}

/** Folds of float64 in eight lanes, element i of a block in lane i mod 8. */
function doubleFold(
  writer: KernelWriter,
  { term, fold }: { readonly term: readonly number[]; readonly fold: number },
  identity: number,
): Accumulator {
  const { code } = writer;
  const nothing = new Uint8Array(Float64Array.of(identity, identity).buffer);
  const lanes = Array.from({ length: REDUCTION_LANES / 2 }, () => {
    code.simd(simd.v128Const, ...nothing);
    return writer.keep();
  });
  return {
    add(args, quad, rest) {
      const doubles = args.map((arg) =>
        arg.length === 2 ? arg : [0, 1].map((half) => promoteHalf(writer, arg[0]!, half)),
      );
      for (const half of [0, 1]) {
        const folded = lanes[(quad * 2 + half) % lanes.length]!;
        code.get(folded);
        for (const arg of doubles) code.get(arg[half]!);
        for (const opcode of term) code.simd(opcode);
        if (rest !== undefined) {
          code.simd(simd.v128Const, ...nothing);
          writeIsCounted(writer, rest, quad * 4 + half * 2, "doubleWords");
          code.simd(simd.v128Bitselect);
        }
        code.simd(fold).set(folded);
      }
    },
    store(pointer, offset) {
      lanes.forEach((vector, index) =>
        code
          .get(pointer)
          .get(vector)
          .memory(simd.v128Store, offset + index * 16),
      );
    },
  };
}

/** Counts of masks in four words; a mask that holds is minus one. */
function maskCounter(writer: KernelWriter, precision: Precision): Accumulator {
  const counts = writer.local();
  const { code } = writer;
  const elements = precision === "float32" ? 4 : 2;
  return {
    add([masks], quad, rest) {
      masks!.forEach((mask, vector) => {
        code.get(counts).get(mask);
        const first = quad * 4 + vector * elements;
        if (rest !== undefined) {
          writeIsCounted(writer, rest, first, precision === "float32" ? "words" : "doubleWords");
          code.simd(simd.v128And);
        }
        code.simd(simd.i32x4Sub).set(counts);
      });
    },
    store: (pointer, offset) => code.get(pointer).get(counts).memory(simd.v128Store, offset),
  };
}

/** Leaves a mask on the stack of the lanes that lie within a last step's elements; the first lane's is `element`. */
function writeIsCounted(writer: KernelWriter, rest: Rest, element: number, width: keyof Rest): void {
  const words = width === "words";
  const numbers = words ? [0, 1, 2, 3] : [0, 1];
  const bytes = numbers.flatMap((lane) => [element + lane, 0, 0, 0, ...(words ? [] : [0, 0, 0, 0])]);
  writer.code.simd(simd.v128Const, ...bytes).get(rest[width]);
  writer.code.simd(words ? simd.i32x4LtS : simd.i64x2LtS);
}
