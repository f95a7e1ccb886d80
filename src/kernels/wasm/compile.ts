import type { DType, Precision } from "../../dtype.ts";
import { ops } from "../../formula/ops.ts";
import type { Instruction, Structure } from "../../formula/stage.ts";
import { type Layout, precisionOf } from "../backend.ts";
import { type Accumulator, accumulatorFor, LANES_BYTES, type Rest } from "./accumulators.ts";
import { assemble } from "./assemble.ts";
import { type Codec, codecs } from "./codecs.ts";
import { EMPTY_BLOCK, plain, simd } from "./opcodes.ts";
import { type Parameters, parametersOf } from "./parameters.ts";
import { type RoundKeys, writeRoundKeys, writeUniform } from "./philox.ts";
import { magnitudesOf, writeLookup, writeTally } from "./tree.ts";
import { narrow, type Quad, QUADS_PER_STEP, widen } from "./quad.ts";
import { KernelWriter } from "./writer.ts";

/** Elements that one step of a kernel's loop computes. */
export const STEP_ELEMENTS = 4 * QUADS_PER_STEP;

/** The binary of a module whose `run` computes one pass over at most a block; see `Parameters`. */
export function compileStructure(structure: Structure, layout: Layout): Uint8Array<ArrayBuffer> {
  return assemble(new StructureCompiler(structure, layout).compile().module());
}

class StructureCompiler {
  private readonly structure: Structure;
  private readonly inputs: readonly Codec[];
  private readonly output: Codec;
  private readonly precision: Precision;
  private readonly parameters: Parameters;
  private readonly writer: KernelWriter;
  private readonly accumulators: readonly Accumulator[];
  /** Vectors of the parameters of that name. */
  private readonly scalars: readonly number[];
  private readonly trees: readonly number[];
  private readonly tallies: readonly number[];
  private readonly roundKeys: readonly RoundKeys[];
  /** Counters of a step's four quads, when there are random numbers. */
  private readonly counters: { readonly low: number; readonly high: number };

  constructor(structure: Structure, layout: Layout) {
    this.structure = structure;
    this.inputs = layout.inputs.map(codecOf);
    this.output = codecOf(layout.output);
    this.precision = precisionOf(layout);
    this.parameters = parametersOf(structure, this.inputs.length, this.precision);
    this.writer = new KernelWriter(this.parameters.types);
    this.accumulators = structure.reductions.map((one) => accumulatorFor(this.writer, one, this.precision));
    const splat = this.precision === "float32" ? simd.f32x4Splat : simd.f64x2Splat;
    this.scalars = this.parameters.scalars.map((scalar) => this.splat(scalar, splat));
    this.trees = this.parameters.trees.map((address) => this.splat(address, simd.i32x4Splat));
    this.tallies = this.parameters.tallies.map((address) => this.splat(address, simd.i32x4Splat));
    this.roundKeys = this.parameters.keys.map((key) => writeRoundKeys(this.writer, key));
    this.counters = this.startCounters();
  }

  compile(): KernelWriter {
    const { code } = this.writer;
    const { steps, rest, lanes } = this.parameters;
    code.op(plain.block).op(EMPTY_BLOCK).get(steps).op(plain.i32Eqz).op(plain.brIf).op(0);
    code.op(plain.loop).op(EMPTY_BLOCK);
    this.step(undefined);
    this.advance();
    code.get(steps).i32(1).op(plain.i32Sub).set(steps).get(steps).op(plain.brIf).op(0);
    code.op(plain.end).op(plain.end);

    code.op(plain.block).op(EMPTY_BLOCK).get(rest).op(plain.i32Eqz).op(plain.brIf).op(0);
    this.step(this.splatRest());
    code.op(plain.end);
    this.accumulators.forEach((one, index) => one.store(lanes, index * LANES_BYTES));
    return this.writer;
  }

  private splat(parameter: number, opcode: number): number {
    this.writer.code.get(parameter).simd(opcode);
    return this.writer.keep();
  }

  private splatRest(): Rest {
    const words = this.splat(this.parameters.rest, simd.i32x4Splat);
    this.writer.code.get(this.parameters.rest).op(plain.i64ExtendI32U).simd(simd.i64x2Splat);
    return { words, doubleWords: this.writer.keep() };
  }

  private startCounters(): { low: number; high: number } {
    const [low, high] = this.parameters.counter;
    const numbers = [0, 1, 2, 3].flatMap((quad) => [quad, 0, 0, 0]);
    this.writer.code
      .get(low)
      .simd(simd.i32x4Splat)
      .simd(simd.v128Const, ...numbers)
      .simd(simd.i32x4Add);
    return { low: this.writer.keep(), high: this.splat(high, simd.i32x4Splat) };
  }

  /** One step; with `rest`, only that many elements are reduced. */
  private step(rest: Rest | undefined): void {
    const { low, high } = this.counters;
    const uniform = this.roundKeys.map((keys) => writeUniform(this.writer, low, high, keys));
    const emitted: Quad[] = [];
    for (let quad = 0; quad < QUADS_PER_STEP; quad++) {
      const values: Quad[] = [];
      for (const one of this.structure.instructions) values.push(this.evaluate(one, values, uniform, quad));
      this.structure.reductions.forEach(({ args }, index) => {
        this.accumulators[index]!.add(
          args.map((arg) => values[arg]!),
          quad,
          rest,
        );
      });
      this.tally(values, quad, rest);
      if (this.structure.emit !== undefined) emitted.push(this.asStored(values[this.structure.emit]!));
    }
    if (emitted.length > 0) this.output.store(this.writer, emitted, this.parameters.output);
  }

  /** The value of an instruction for one quad of the step. */
  private evaluate(
    instruction: Instruction,
    values: readonly Quad[],
    uniform: readonly (readonly Quad[])[],
    quad: number,
  ): Quad {
    switch (instruction.kind) {
      case "input": {
        const codec = this.inputs[instruction.index]!;
        return this.asComputed(codec.load(this.writer, instruction.index, quad * 4 * codec.bytes));
      }
      case "scalar": {
        const scalar = this.scalars[instruction.slot]!;
        return this.precision === "float32" ? [scalar] : [scalar, scalar];
      }
      case "rowRank":
        throw new Error("ranks in rows were not made an input");
      case "random":
        return this.asComputed(uniform[instruction.slot]![quad]!);
      case "lookup":
        return this.lookup(instruction, values[instruction.arg]!);
      case "op": {
        const args = instruction.args.map((arg) => values[arg]!);
        const opcode = ops[instruction.op].wasm[this.precision];
        return args[0]!.map((_, vector) =>
          this.apply(
            opcode,
            args.map((arg) => arg[vector]!),
          ),
        );
      }
    }
  }

  private apply(opcode: number, args: readonly number[]): number {
    for (const arg of args) this.writer.code.get(arg);
    this.writer.code.simd(opcode);
    return this.writer.keep();
  }

  private lookup({ widths, slot }: Extract<Instruction, { kind: "lookup" }>, quad: Quad): Quad {
    const magnitudes = magnitudesOf(this.writer, quad, this.precision, widths);
    return this.asComputed([writeLookup(this.writer, magnitudes, this.trees[slot]!)]);
  }

  private tally(values: readonly Quad[], quad: number, rest: Rest | undefined): void {
    const isBeyond = (element: number): void => {
      this.writer.code
        .i32(quad * 4 + element)
        .get(this.parameters.rest)
        .op(plain.i32GeU);
    };
    this.structure.tallies.forEach(({ arg, widths, level, slot }, index) => {
      const magnitudes = magnitudesOf(this.writer, values[arg]!, this.precision, widths);
      const places = {
        tree: slot === undefined ? undefined : this.trees[slot]!,
        counts: this.tallies[index]!,
      };
      writeTally(this.writer, magnitudes, level, places, rest === undefined ? undefined : isBeyond);
    });
  }

  private asComputed(quad: Quad): Quad {
    return this.precision === "float64" && quad.length === 1 ? widen(this.writer, quad[0]!) : quad;
  }

  private asStored(quad: Quad): Quad {
    return quad.length > this.output.vectors ? narrow(this.writer, quad, this.output.narrowing) : quad;
  }

  private advance(): void {
    const { code } = this.writer;
    const move = (pointer: number, codec: Codec): void => {
      code
        .get(pointer)
        .i32(STEP_ELEMENTS * codec.bytes)
        .op(plain.i32Add)
        .set(pointer);
    };
    this.inputs.forEach((codec, pointer) => move(pointer, codec));
    move(this.parameters.output, this.output);
    if (this.structure.streams === 0) return;
    code.get(this.counters.low);
    this.writer.constant(QUADS_PER_STEP).code.simd(simd.i32x4Add).set(this.counters.low);
  }
}

function codecOf(dtype: DType): Codec {
  const codec = codecs[dtype];
  if (codec === undefined) throw new Error(`${dtype} is carried as bytes and can't be computed with`);
  return codec;
}
