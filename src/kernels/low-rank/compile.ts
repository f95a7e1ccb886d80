import { assemble } from "../wasm/assemble.ts";
import { EMPTY_BLOCK, plain, simd } from "../wasm/opcodes.ts";
import { KernelWriter } from "../wasm/writer.ts";
import { PANEL_COLUMNS, STRIP_ROWS } from "./layout.ts";

/** Bytes of a strip and of a panel for one k. */
const STRIP_BYTES = STRIP_ROWS * 4;
const PANEL_BYTES = PANEL_COLUMNS * 4;

/** Bytes of a vector, and how many of them are as wide as a panel. */
const VECTOR_BYTES = 16;
const VECTORS = PANEL_BYTES / VECTOR_BYTES;

/** Numbers k that one turn of the inner loop adds up; what a turn costs besides is a few percent then. */
const TURN = 8;

/** The numbers of the parameters of the function; addresses and distances in bytes. */
const parameters = {
  /** Address of the first strip of the left factor, and bytes of a strip. */
  left: 0,
  stripBytes: 1,
  /** Address of the first panel of the right factor. */
  right: 2,
  /** Address of the elements to compute, whose rows lie `rowBytes` apart. */
  tile: 3,
  rowBytes: 4,
  strips: 5,
  panels: 6,
  rank: 7,
  scale: 8,
} as const;

const types = ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "f32"] as const;

/** The binary of a module whose `run` computes at least one strip by at least one panel; see `parameters`. */
export function compileProduct(): Uint8Array<ArrayBuffer> {
  return assemble(new ProductCompiler().compile().module());
}

/** The sums of one row of a strip, one for each vector of a panel. */
type Sums = readonly number[];

class ProductCompiler {
  private readonly writer = new KernelWriter(types);
  private readonly scale = this.writer.local();
  /** Addresses of the elements where each row of the strip meets the panel. */
  private readonly elements = Array.from({ length: STRIP_ROWS }, () => this.writer.local("i32"));
  private readonly panelsLeft = this.writer.local("i32");
  /** What comes next of both factors, and how many numbers k there still are. */
  private readonly leftAt = this.writer.local("i32");
  private readonly rightAt = this.writer.local("i32");
  private readonly rankLeft = this.writer.local("i32");

  compile(): KernelWriter {
    const { code } = this.writer;
    code.get(parameters.scale).simd(simd.f32x4Splat).set(this.scale);
    code.op(plain.loop).op(EMPTY_BLOCK);
    this.strip();
    this.advanceBy(parameters.left, parameters.stripBytes);
    this.advance(parameters.strips, -1);
    code.get(parameters.strips).op(plain.brIf).op(0).op(plain.end);
    return this.writer;
  }

  /** All elements of a strip: panels follow each other in memory, and are read from the first to the last. */
  private strip(): void {
    const { code } = this.writer;
    for (const element of this.elements) {
      code.get(parameters.tile).set(element);
      this.advanceBy(parameters.tile, parameters.rowBytes);
    }
    code.get(parameters.right).set(this.rightAt);
    code.get(parameters.panels).set(this.panelsLeft);
    code.op(plain.loop).op(EMPTY_BLOCK);
    this.elementsOfPanel();
    this.advance(this.panelsLeft, -1);
    code.get(this.panelsLeft).op(plain.brIf).op(0).op(plain.end);
  }

  /**
   * The elements where a strip meets a panel. Of a turn of the loop, each k is a block of its own, with a way out: V8 of
   * Node 20 moves the loads of a block to its front, and has registers for those of one k.
   */
  private elementsOfPanel(): void {
    const { code } = this.writer;
    const sums = this.elements.map(() => Array.from({ length: VECTORS }, () => this.zero()));
    code.get(parameters.left).set(this.leftAt);
    code.get(parameters.rank).set(this.rankLeft);
    code.op(plain.block).op(EMPTY_BLOCK).op(plain.loop).op(EMPTY_BLOCK);
    for (let k = 0; k < TURN; k++) {
      this.addProducts(sums);
      this.advance(this.rankLeft, -1);
      code.get(this.rankLeft).op(plain.i32Eqz).op(plain.brIf).op(1);
    }
    code.op(plain.br).op(0).op(plain.end).op(plain.end);
    this.store(sums);
  }

  private zero(): number {
    this.writer.constant(0);
    return this.writer.keep();
  }

  /** Adds to each sum the product of its row's number and its columns' vector, for the next k. */
  private addProducts(sums: readonly Sums[]): void {
    const { code } = this.writer;
    const right = Array.from({ length: VECTORS }, (_, vector) => {
      code.get(this.rightAt).memory(simd.v128Load, vector * VECTOR_BYTES);
      return this.writer.keep();
    });
    // V8 uses the rows from the last to the first: the last is loaded first.
    const left = sums.map(() => this.writer.local());
    for (const [row, local] of [...left.entries()].toReversed()) {
      code
        .get(this.leftAt)
        .memory(simd.v128Load32Splat, row * 4)
        .set(local);
    }
    sums.forEach((vectors, row) => {
      vectors.forEach((sum, vector) => {
        code.get(sum).get(left[row]!).get(right[vector]!).simd(simd.f32x4Mul).simd(simd.f32x4Add).set(sum);
      });
    });
    this.advance(this.leftAt, STRIP_BYTES);
    this.advance(this.rightAt, PANEL_BYTES);
  }

  /** Stores the sums, scaled, as the next elements of the strip. */
  private store(sums: readonly Sums[]): void {
    const { code } = this.writer;
    sums.forEach((vectors, row) => {
      const element = this.elements[row]!;
      vectors.forEach((sum, vector) => {
        code.get(element).get(sum).get(this.scale).simd(simd.f32x4Mul);
        code.memory(simd.v128Store, vector * VECTOR_BYTES);
      });
      this.advance(element, PANEL_BYTES);
    });
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
