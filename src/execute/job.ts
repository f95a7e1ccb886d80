import { bytesOf } from "../dtype.ts";
import { randomKey } from "../formula/random.ts";
import type { Stage } from "../formula/stage.ts";
import type { ByteSink } from "../io/sink.ts";
import type { Storage } from "../io/storage.ts";
import type {
  Backend,
  BackendFactory,
  Buffers,
  KernelArguments,
  Layout,
  Partials,
} from "../kernels/backend.ts";
import { blockBytesOf } from "../kernels/hashes/block-hasher.ts";
import { type BackendName, backends } from "../kernels/index.ts";
import { type Combination, PassesCache } from "../methods/formula.ts";
import { inputsOf } from "../methods/operands.ts";
import type { Span } from "../plan/plan.ts";
import { Evaluation, idleResults, resultsOf, type StageArguments } from "./evaluation.ts";
import { InputReader } from "./input-reader.ts";
import { OperandReader } from "./operand-reader.ts";
import type { PieceResult, TicketResult } from "./piece-result.ts";
import { SentCounts } from "./sent-counts.ts";
import type { Pass, Piece, Ticket } from "./ticket.ts";
import { withWholeRows } from "./whole-rows.ts";

/** What a worker must know before its first ticket. */
export interface JobSetup {
  readonly backend: BackendName;
  /** Bytes of buffers the worker may hold. */
  readonly capacityBytes: number;
  readonly seed: number;
  /** Paths that the spans of operands and of targets refer to by number. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const NO_HASHES: BigUint64Array = new BigUint64Array(0);

/** What a pass over a piece made. */
interface Computed {
  readonly partials: Partials;
  readonly hashes: BigUint64Array;
}

/** Where a pass's inputs come from, and whether they will be wanted again. */
type InputFate = Pick<KernelArguments, "sameInputs" | "keepAs">;

/** A worker's job: it reads, computes and writes one ticket after the other. */
export class Job {
  private readonly storage: Storage;
  private readonly setup: JobSetup;
  private readonly backend: Backend;
  private readonly inputs: InputReader;
  private readonly operands: OperandReader;
  private readonly sinks: Promise<ByteSink>[] = [];
  private readonly passes = new PassesCache();
  private readonly counts = new SentCounts();
  private last: Promise<unknown> = Promise.resolve();

  constructor(storage: Storage, setup: JobSetup, createBackend: BackendFactory = backends[setup.backend]) {
    this.storage = storage;
    this.setup = setup;
    this.backend = createBackend(setup.capacityBytes);
    this.inputs = new InputReader(storage, setup.inputs);
    this.operands = new OperandReader(this.inputs);
  }

  /** Does a ticket once those given before are done: there is one set of buffers. */
  run(ticket: Ticket): Promise<TicketResult> {
    const result = this.last.then(() => this.work(ticket));
    this.last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.inputs.close();
    for (const sink of await Promise.all(this.sinks.filter(Boolean))) await sink.close();
  }

  private async work({ pieces }: Ticket): Promise<TicketResult> {
    const results: PieceResult[] = [];
    for (const piece of pieces) {
      const { combination, pass } = piece;
      if (combination === undefined) results.push(await this.copy(piece));
      else if (pass === undefined) results.push(await this.merge(piece, combination));
      else results.push(await this.pass(piece, combination, pass));
    }
    return results;
  }

  /** Copies the first operand's bytes, and compares those of all others with them. */
  private async copy(piece: Piece): Promise<PieceResult> {
    const [first, ...others] = (await this.read(piece)).inputs;
    const hashes = await this.write(piece.target, first!);
    const same = others.every((other) => other.every((byte, at) => byte === first![at]));
    return { kind: "copied", same, hashes };
  }

  private async merge(piece: Piece, combination: Combination): Promise<PieceResult> {
    const passes = this.passes.passesOf(combination, piece);
    const evaluation = new Evaluation(passes);
    await this.read(piece);
    let hashes = NO_HASHES;
    let sameInputs = false;
    for (const stage of passes.stages) {
      const args = evaluation.argumentsOf(stage);
      const idle = idleResults(stage, args);
      if (idle !== undefined) {
        evaluation.absorb(stage, idle);
        continue;
      }
      const computed = await this.compute({ piece, run: piece }, stage, args, { sameInputs });
      sameInputs = true;
      evaluation.absorb(stage, resultsOf(stage, computed.partials));
      hashes = computed.hashes;
    }
    return { kind: "merged", observed: evaluation.observed(), hashes };
  }

  private async pass(piece: Piece, combination: Combination, pass: Pass): Promise<PieceResult> {
    const stage = this.passes.passesOf(combination, piece).stages[pass.stage]!;
    // What is kept of a piece is what it holds itself, without the rows that it cuts.
    const byRows = stage.preludes.length > 0;
    const run = byRows ? withWholeRows(piece) : piece;
    const name = `${piece.tensor}:${piece.firstElement}`;
    const sameInputs = !byRows && (this.backend.recall?.(name) ?? false);
    if (sameInputs) this.backend.buffersFor(layoutOf(piece), piece.elements);
    else await this.read(run);
    const fate = { sameInputs, ...(!byRows && !pass.emits && { keepAs: name }) };
    const { partials, hashes } = await this.compute({ piece, run }, stage, pass.arguments, fate);
    const tallies = this.counts.copies(partials.tallies);
    return { kind: "passed", partials: { reductions: partials.reductions, tallies }, hashes };
  }

  /** Runs one pass over the buffers, which hold `run`, and writes what it emits of the piece. */
  private async compute(
    { piece, run }: { readonly piece: Piece; readonly run: Piece },
    stage: Stage,
    args: StageArguments,
    inputs: InputFate,
  ): Promise<Computed> {
    const { tensor, target, rowElements } = piece;
    const { elements, firstElement } = run;
    const leadElements = piece.firstElement - firstElement;
    const rows = { rowElements, leadElements };
    const layout = layoutOf(piece);
    const kernel = await this.backend.compile(stage.structure, layout, stage.preludes);
    const keys = stage.streams.map((model) => randomKey(this.setup.seed, tensor, model));
    const partials = await kernel.run({ elements, firstElement, rows, ...args, keys, ...inputs });
    if (stage.structure.emit === undefined) return { partials, hashes: NO_HASHES };
    const { output } = this.backend.buffersFor(layout, elements);
    const start = bytesOf(target.dtype, leadElements);
    const bytes = output.subarray(start, start + bytesOf(target.dtype, piece.elements));
    return { partials, hashes: await this.write(target, bytes) };
  }

  private async read(piece: Piece): Promise<Buffers> {
    const buffers = this.backend.buffersFor(layoutOf(piece), piece.elements);
    await this.operands.fill(piece, buffers);
    return buffers;
  }

  /** Writes a piece; returns the hashes of its blocks. */
  private async write({ file, offset, dtype }: Span, bytes: Uint8Array): Promise<BigUint64Array> {
    this.sinks[file] ??= this.open(file);
    const hashes = await this.backend.hash(bytes, blockBytesOf(dtype));
    await (await this.sinks[file]).write(bytes, offset);
    return hashes;
  }

  private async open(file: number): Promise<ByteSink> {
    return this.storage.openSink(this.setup.outputs[file]!);
  }
}

function layoutOf({ operands, target }: Piece): Layout {
  return { inputs: inputsOf(operands).map(({ dtype }) => dtype), output: target.dtype };
}
