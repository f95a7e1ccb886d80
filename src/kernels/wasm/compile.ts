import type { DType, Precision } from "../../dtype.ts";
import type { Structure } from "../../formula/lower.ts";
import { ops } from "../../formula/ops.ts";
import { REDUCTION_LANES, reductions } from "../../formula/reductions.ts";
import { type Layout, precisionOf } from "../backend.ts";
import { assemble, type ValueType } from "./assemble.ts";
import { type Codec, codecs, narrow, type Quad, QUADS_PER_STEP, widen } from "./codecs.ts";
import { EMPTY_BLOCK, plain, simd } from "./opcodes.ts";
import { KernelWriter } from "./writer.ts";

/** Elements that one step of a kernel's loop computes. */
export const STEP_ELEMENTS = 4 * QUADS_PER_STEP;

/** Float64 vectors that hold the lanes of one reduction. */
const LANE_VECTORS = REDUCTION_LANES / 2;

/**
 * The binary of a module whose `run` computes one pass over at most a block.
 *
 * Parameters, all addresses in bytes: one per input, the output, where to store the lanes of the reductions (one
 * after the other, float64), the number of whole steps, the number of elements in a last step (0 to 15; only they
 * are reduced, while a whole step is written), then the scalars.
 */
export function compileStructure(structure: Structure, layout: Layout): Uint8Array<ArrayBuffer> {
  return assemble(new StructureCompiler(structure, layout).compile().module());
}

class StructureCompiler {
  private readonly structure: Structure;
  private readonly inputs: readonly Codec[];
  private readonly output: Codec;
  private readonly precision: Precision;
  private readonly writer: KernelWriter;
  /** Numbers of the parameters; inputs are numbered from 0. */
  private readonly parameter: {
    output: number;
    lanes: number;
    steps: number;
    rest: number;
    scalars: number;
  };
  private readonly scalarVectors: number[] = [];
  private readonly laneVectors: number[][] = [];

  constructor(structure: Structure, layout: Layout) {
    this.structure = structure;
    this.inputs = layout.inputs.map(codecOf);
    this.output = codecOf(layout.output);
    this.precision = precisionOf(layout);
    const output = this.inputs.length;
    this.parameter = {
      output,
      lanes: output + 1,
      steps: output + 2,
      rest: output + 3,
      scalars: output + 4,
    };
    const scalarType: ValueType = this.precision === "float32" ? "f32" : "f64";
    this.writer = new KernelWriter([
      ...repeat<ValueType>("i32", this.parameter.scalars),
      ...repeat(scalarType, structure.scalars),
    ]);
  }

  compile(): KernelWriter {
    const { code } = this.writer;
    this.splatScalars();
    this.structure.reductions.forEach(() => {
      this.laneVectors.push(Array.from({ length: LANE_VECTORS }, () => this.writer.local()));
    });
    const { steps, rest } = this.parameter;
    code.op(plain.block).op(EMPTY_BLOCK).get(steps).op(plain.i32Eqz).op(plain.brIf).op(0);
    code.op(plain.loop).op(EMPTY_BLOCK);
    this.step(undefined);
    this.advance();
    code.get(steps).i32(1).op(plain.i32Sub).set(steps).get(steps).op(plain.brIf).op(0);
    code.op(plain.end).op(plain.end);

    code.op(plain.block).op(EMPTY_BLOCK).get(rest).op(plain.i32Eqz).op(plain.brIf).op(0);
    code.get(rest).op(plain.i64ExtendI32U).simd(simd.i64x2Splat);
    this.step(this.writer.keep());
    code.op(plain.end);
    this.storeLanes();
    return this.writer;
  }

  private splatScalars(): void {
    const splat = this.precision === "float32" ? simd.f32x4Splat : simd.f64x2Splat;
    for (let slot = 0; slot < this.structure.scalars; slot++) {
      this.writer.code.get(this.parameter.scalars + slot).simd(splat);
      this.scalarVectors.push(this.writer.keep());
    }
  }

  /** One step; with `rest`, a vector of 64-bit counts, only that many elements are reduced. */
  private step(rest: number | undefined): void {
    const emitted: Quad[] = [];
    for (let quad = 0; quad < QUADS_PER_STEP; quad++) {
      const values = this.evaluate(quad);
      this.structure.reductions.forEach(({ by, args }, index) => {
        const quads = args.map((arg) => this.asDoubles(values[arg]!));
        for (const half of [0, 1]) {
          const lanes = this.laneVectors[index]![(quad * 2 + half) % LANE_VECTORS]!;
          this.accumulate(
            lanes,
            by,
            quads.map((halves) => halves[half]!),
            quad * 4 + half * 2,
            rest,
          );
        }
      });
      if (this.structure.emit !== undefined) emitted.push(this.asStored(values[this.structure.emit]!));
    }
    if (emitted.length > 0) this.output.store(this.writer, emitted, this.parameter.output);
  }

  /** The values of all instructions for one quad of the step. */
  private evaluate(quad: number): readonly Quad[] {
    const vectors = this.precision === "float32" ? 1 : 2;
    const values: Quad[] = [];
    for (const instruction of this.structure.instructions) {
      if (instruction.kind === "input") {
        values.push(this.load(instruction.index, quad));
      } else if (instruction.kind === "scalar") {
        values.push(repeat(this.scalarVectors[instruction.slot]!, vectors));
      } else {
        const args = instruction.args.map((arg) => values[arg]!);
        const opcode = ops[instruction.op].wasm[this.precision];
        values.push(
          args[0]!.map((_, vector) =>
            this.apply(
              opcode,
              args.map((arg) => arg[vector]!),
            ),
          ),
        );
      }
    }
    return values;
  }

  private load(index: number, quad: number): Quad {
    const codec = this.inputs[index]!;
    const loaded = codec.load(this.writer, index, quad * 4 * codec.bytes);
    return this.precision === "float64" ? this.asDoubles(loaded) : loaded;
  }

  private apply(opcode: number, args: readonly number[]): number {
    for (const arg of args) this.writer.code.get(arg);
    this.writer.code.simd(opcode);
    return this.writer.keep();
  }

  private asDoubles(quad: Quad): Quad {
    return quad.length === 2 ? quad : widen(this.writer, quad[0]!);
  }

  private asStored(quad: Quad): Quad {
    return quad.length > this.output.vectors ? narrow(this.writer, quad, this.output.narrowing) : quad;
  }

  private accumulate(
    lanes: number,
    by: keyof typeof reductions,
    args: readonly number[],
    firstElement: number,
    rest: number | undefined,
  ): void {
    const { code } = this.writer;
    code.get(lanes);
    for (const arg of args) code.get(arg);
    for (const opcode of reductions[by].wasm) code.simd(opcode);
    if (rest !== undefined) {
      const elements = [firstElement, firstElement + 1].flatMap((element) => [element, 0, 0, 0, 0, 0, 0, 0]);
      code
        .simd(simd.v128Const, ...elements)
        .get(rest)
        .simd(simd.i64x2LtS)
        .simd(simd.v128And);
    }
    code.simd(simd.f64x2Add).set(lanes);
  }

  private advance(): void {
    const { code } = this.writer;
    this.inputs.forEach((codec, pointer) => {
      code
        .get(pointer)
        .i32(STEP_ELEMENTS * codec.bytes)
        .op(plain.i32Add)
        .set(pointer);
    });
    const { output } = this.parameter;
    code
      .get(output)
      .i32(STEP_ELEMENTS * this.output.bytes)
      .op(plain.i32Add)
      .set(output);
  }

  private storeLanes(): void {
    this.laneVectors.flat().forEach((vector, index) => {
      this.writer.code
        .get(this.parameter.lanes)
        .get(vector)
        .memory(simd.v128Store, index * 16);
    });
  }
}

function repeat<T>(value: T, times: number): readonly T[] {
  return Array.from({ length: times }, () => value);
}

function codecOf(dtype: DType): Codec {
  const codec = codecs[dtype];
  if (codec === undefined) throw new Error(`${dtype} is carried as bytes and can't be computed with`);
  return codec;
}
