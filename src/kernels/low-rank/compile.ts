import { assemble } from "../wasm/assemble.ts";
import { EMPTY_BLOCK, plain, simd } from "../wasm/opcodes.ts";
import { KernelWriter } from "../wasm/writer.ts";
import { TILE_ROW_BYTES } from "./layout.ts";

/** Columns of a step, which are computed side by side: two vectors. */
export const STEP_COLUMNS = 8;

/**
 * Rows that are computed side by side, as many as there still are. Four rows are eight sums, enough to hide the latency
 * of an addition; with two vectors of the right factor and four numbers of the left they are fourteen vectors, of the
 * fifteen that V8 keeps in registers on x64.
 */
const HEIGHTS = [4, 2, 1] as const;

/** The numbers of the parameters of the function; addresses and distances in bytes. */
const parameters = {
  /** Address of the tile's rows of the left factor, which lie `leftRowBytes` apart. */
  left: 0,
  leftRowBytes: 1,
  /** Address of the tile's first column in the right factor, whose rows lie `rightRowBytes` apart. */
  right: 2,
  rightRowBytes: 3,
  /** Address of the elements to compute. */
  tile: 4,
  rows: 5,
  /** Steps that it takes to compute all columns. */
  steps: 6,
  scale: 7,
} as const;

const types = ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "f32"] as const;

/** The binary of a module whose `run` computes a tile of at least one row and one column; see `parameters`. */
export function compileProduct(): Uint8Array<ArrayBuffer> {
  return assemble(new ProductCompiler().compile().module());
}

/** The sums of a row's part of a step, one for each vector. */
type Sums = readonly number[];

class ProductCompiler {
  private readonly writer = new KernelWriter(types);
  private readonly scale = this.writer.local();
  /** Rows still to compute. */
  private readonly rest = this.writer.local("i32");
  /** Addresses of what comes next: a row of the left factor, and a row's elements of a step. */
  private readonly leftRow = this.writer.local("i32");
  private readonly element = this.writer.local("i32");
  private readonly endOfLeftRow = this.writer.local("i32");
  private readonly rightRow = this.writer.local("i32");

  compile(): KernelWriter {
    const { code } = this.writer;
    code.get(parameters.scale).simd(simd.f32x4Splat).set(this.scale);
    code.op(plain.loop).op(EMPTY_BLOCK);
    this.step();
    this.advance(parameters.right, STEP_COLUMNS * 4);
    this.advance(parameters.tile, STEP_COLUMNS * 4);
    this.advance(parameters.steps, -1);
    code.get(parameters.steps).op(plain.brIf).op(0).op(plain.end);
    return this.writer;
  }

  /** All rows of a step. */
  private step(): void {
    const { code } = this.writer;
    code.get(parameters.rows).set(this.rest);
    code.get(parameters.left).set(this.leftRow);
    code.get(parameters.tile).set(this.element);
    for (const height of HEIGHTS) {
      code.op(plain.block).op(EMPTY_BLOCK);
      code.get(this.rest).i32(height).op(plain.i32GeU).op(plain.i32Eqz).op(plain.brIf).op(0);
      code.op(plain.loop).op(EMPTY_BLOCK);
      this.rows(height);
      this.advance(this.rest, -height);
      code.get(this.rest).i32(height).op(plain.i32GeU).op(plain.brIf).op(0);
      code.op(plain.end).op(plain.end);
    }
  }

  /** The next `height` rows of a step. */
  private rows(height: number): void {
    const { code } = this.writer;
    const leftRows = Array.from({ length: height }, () => this.writer.local("i32"));
    for (const leftRow of leftRows) {
      code.get(this.leftRow).set(leftRow);
      this.advanceBy(this.leftRow, parameters.leftRowBytes);
    }
    const sums = leftRows.map(() => [this.zero(), this.zero()]);
    code.get(leftRows[0]!).set(this.endOfLeftRow);
    this.advanceBy(this.endOfLeftRow, parameters.leftRowBytes);
    code.get(parameters.right).set(this.rightRow);
    // One k a turn. Of two, V8 before that of Node 24 moves all loads to the front, and runs out of registers: a quarter
    // slower than one, while with that of Node 24 they are a tenth faster.
    code.op(plain.loop).op(EMPTY_BLOCK);
    this.addProducts(leftRows, sums);
    for (const leftRow of leftRows) this.advance(leftRow, 4);
    this.advanceBy(this.rightRow, parameters.rightRowBytes);
    code.get(leftRows[0]!).get(this.endOfLeftRow).op(plain.i32Ne).op(plain.brIf).op(0).op(plain.end);
    this.store(sums);
  }

  private zero(): number {
    this.writer.constant(0);
    return this.writer.keep();
  }

  /** Adds to each sum the product of its row's number and its columns' vector. */
  private addProducts(leftRows: readonly number[], sums: readonly Sums[]): void {
    const { code } = this.writer;
    const right = sums[0]!.map((_, vector) => {
      code.get(this.rightRow).memory(simd.v128Load, vector * 16);
      return this.writer.keep();
    });
    leftRows.forEach((leftRow, row) => {
      code.get(leftRow).memory(simd.v128Load32Splat, 0);
      const left = this.writer.keep();
      sums[row]!.forEach((sum, vector) => {
        code.get(sum).get(left).get(right[vector]!).simd(simd.f32x4Mul).simd(simd.f32x4Add).set(sum);
      });
    });
  }

  /** Stores the sums, scaled, as the next elements. */
  private store(sums: readonly Sums[]): void {
    const { code } = this.writer;
    sums.forEach((vectors, row) => {
      vectors.forEach((sum, vector) => {
        code.get(this.element).get(sum).get(this.scale).simd(simd.f32x4Mul);
        code.memory(simd.v128Store, row * TILE_ROW_BYTES + vector * 16);
      });
    });
    this.advance(this.element, sums.length * TILE_ROW_BYTES);
  }

  /** Adds a constant to a local. */
  private advance(local: number, by: number): void {
    this.writer.code.get(local).i32(by).op(plain.i32Add).set(local);
  }

  /** Moves an address by the distance in another local. */
  private advanceBy(local: number, distance: number): void {
    this.writer.code.get(local).get(distance).op(plain.i32Add).set(local);
  }
}
