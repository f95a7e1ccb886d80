import type { DType } from "../dtype.ts";
import type { Problem } from "../errors.ts";
import type { InputFile, TextRun } from "../formats/checkpoint.ts";
import type { Combination } from "../methods/formula.ts";
import type { Recipe, Settings } from "../recipe/recipe.ts";

/** A run of elements in one of the plan's files. */
export interface Span {
  /** Index into `Plan.inputs` for an operand, into `Plan.shards` for a target. */
  readonly file: number;
  /** Offset in bytes of the first element: in the file or, when that holds it as text, in what the text decodes to. */
  readonly offset: number;
  readonly dtype: DType;
  readonly text?: SpanText;
}

/** Text that stands for the bytes of a whole tensor. */
export interface SpanText extends TextRun {
  /** Bytes that all of it stands for. */
  readonly decodedBytes: number;
}

/** How the elements of one operand are obtained: they are read, and an adapter may change them. */
export interface Operand extends Span {
  readonly update?: LowRankUpdate;
}

/**
 * What a LoRA adapter does to a tensor, seen as a row-major matrix: it adds `scale · left · right` and, when it is a
 * DoRA adapter, scales each row or column to a magnitude. Sources: arXiv:2106.09685, arXiv:2402.09353.
 */
export interface LowRankUpdate {
  readonly rows: number;
  readonly columns: number;
  readonly rank: number;
  readonly scale: number;
  /** rows x rank; absent: one row of a single 1. */
  readonly left?: Factor;
  /** rank x columns. */
  readonly right: Factor;
  readonly magnitude?: Magnitude;
}

export interface Factor extends Span {
  /** Whether the file holds its transpose. */
  readonly transposed: boolean;
}

/** The norm that each row, or each column, is to have. */
export interface Magnitude extends Span {
  readonly axis: "rows" | "columns";
}

/** One tensor of the output: where its elements come from, what is done to them, where they go. */
export interface TensorTask {
  readonly name: string;
  readonly shape: readonly number[];
  /** Number of elements: the product of the shape. */
  readonly elements: number;
  /** What is computed; absent when the first operand's bytes are copied as they are. */
  readonly combination?: Combination;
  /**
   * What is read: the base first, when the recipe has one, then the models in its order. Of a copied tensor the first is
   * written, and the others are compared with it.
   */
  readonly operands: readonly Operand[];
  readonly hasBase: boolean;
  readonly target: Span;
  /**
   * Elements that are read, computed and written at once. A tensor of more elements is shared by all workers, pass by
   * pass; another one is kept by one worker through all its passes.
   */
  readonly chunkElements: number;
}

/** A shard of the output, laid out to the last byte. */
export interface Shard {
  readonly name: string;
  /** Length of the whole file in bytes. */
  readonly size: number;
  /** Text of its safetensors header, padding included. */
  readonly header: string;
}

/** A small text file of the output, written whole. */
export interface Document {
  readonly name: string;
  readonly text: string;
}

/** A file copied beside the weights. */
export interface Companion {
  readonly from: string;
  readonly name: string;
}

/** What carrying out a plan takes. */
export interface Cost {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Buffers of all workers together, with trees and counts. */
  readonly bufferBytes: number;
  /** Buffers and what Node itself takes, predicted. */
  readonly peakBytes: number;
}

/** How the work is done; without effect on any byte of the output. */
export interface Schedule extends Settings {
  /** Bytes of memory that the passes of each worker run in. */
  readonly workerBytes: number;
}

/** Everything execution needs and nothing it could decide: plain data, JSON in, JSON out. */
export interface Plan {
  readonly version: 1;
  /** SHA-256 in hexadecimal over all that decides the output's bytes, but for the title of its model card. */
  readonly hash: string;
  readonly recipe: Recipe;
  /** Whether the output is there already, whole: a merge that resumes has nothing to do. */
  readonly isFinished: boolean;
  readonly inputs: readonly InputFile[];
  readonly shards: readonly Shard[];
  readonly tasks: readonly TensorTask[];
  readonly documents: readonly Document[];
  readonly companions: readonly Companion[];
  readonly schedule: Schedule;
  readonly cost: Cost;
  readonly notices: readonly string[];
  /** What speaks against the merge and does not stop it, found in headers and small files. */
  readonly warnings: readonly Problem[];
}
