import { bytesOf } from "../dtype.ts";
import { addSquares, NORM_STRIP_ELEMENTS } from "../kernels/low-rank/norms.ts";
import { segments } from "../kernels/low-rank/segments.ts";
import type { LowRankUpdate, Magnitude, Span } from "../plan/plan.ts";
import type { FloatReader } from "./float-reader.ts";
import type { LowRankRun } from "./low-rank-run.ts";

/**
 * The factors that give the rows or columns of an updated tensor the norms that DoRA learnt. A norm needs its whole
 * row or column, so elements outside a run are read too; norms are kept until another tensor comes.
 * Source: arXiv:2402.09353, equation 5.
 */
export class MagnitudeScaling {
  private readonly update: LowRankUpdate;
  private readonly magnitude: Magnitude;
  /** Where the tensor begins. */
  private readonly tensor: Span;
  private readonly run: LowRankRun;
  private readonly floats: FloatReader;
  /** For each row or column, its learnt norm divided by the norm it has. */
  private readonly factors: Float32Array;
  private readonly isKnown: Uint8Array;
  private magnitudes: Float32Array | undefined;

  constructor(
    update: LowRankUpdate,
    magnitude: Magnitude,
    tensor: Span,
    run: LowRankRun,
    floats: FloatReader,
  ) {
    this.update = update;
    this.magnitude = magnitude;
    this.tensor = tensor;
    this.run = run;
    this.floats = floats;
    const units = magnitude.axis === "rows" ? update.rows : update.columns;
    this.factors = new Float32Array(units);
    this.isKnown = new Uint8Array(units);
  }

  /** Fills `into` with the factors of the elements from number `first` of the tensor on. */
  async factorsOf(first: number, into: Float32Array): Promise<void> {
    const { rows, columns } = this.update;
    const byRow = this.magnitude.axis === "rows";
    if (byRow) await this.findOut(Math.floor(first / columns), Math.ceil((first + into.length) / columns));
    else await this.findOut(0, rows);
    for (const { row, column, start, length } of segments(first, into.length, columns)) {
      if (byRow) into.fill(this.factors[row]!, start, start + length);
      else into.set(this.factors.subarray(column, column + length), start);
    }
  }

  /** Finds out the factors of some rows or, by columns, of all columns, which takes all rows. */
  private async findOut(fromRow: number, toRow: number): Promise<void> {
    const [from, to] = this.magnitude.axis === "rows" ? [fromRow, toRow] : [0, this.factors.length];
    if (!this.isKnown.subarray(from, to).includes(0)) return;
    this.magnitudes ??= (await this.floats.read(this.magnitude, this.factors.length)).slice();
    const squares = await this.sumsOfSquares(fromRow, toRow);
    for (let unit = from; unit < to; unit++) {
      this.factors[unit] = this.magnitudes[unit]! / Math.fround(Math.sqrt(squares[unit]!));
      this.isKnown[unit] = 1;
    }
  }

  private async sumsOfSquares(fromRow: number, toRow: number): Promise<Float64Array> {
    const { columns } = this.update;
    const { dtype, offset } = this.tensor;
    const sums = new Float64Array(this.factors.length);
    const end = toRow * columns;
    for (let first = fromRow * columns; first < end; first += NORM_STRIP_ELEMENTS) {
      const elements = Math.min(NORM_STRIP_ELEMENTS, end - first);
      const strip = { ...this.tensor, offset: offset + bytesOf(dtype, first) };
      const added = new Float32Array(elements);
      await this.run.addedTo(first, added);
      // After `added`, which is made from what the same reader reads.
      const stored = await this.floats.read(strip, elements);
      addSquares(sums, this.magnitude.axis, { stored, added, first, columns });
    }
    return sums;
  }
}
