import { type Stage, evaluate, lower } from "../formula/lower.ts";
import type { ByteSink } from "../io/sink.ts";
import type { ByteSource } from "../io/source.ts";
import type { Storage } from "../io/storage.ts";
import { type BackendName, backends } from "../kernels/index.ts";
import type { Backend, Buffers, Layout } from "../kernels/backend.ts";
import { type AppliedMethod, formulaOf } from "../methods/formula.ts";
import type { Span } from "../plan/plan.ts";
import type { Piece, Ticket } from "./ticket.ts";

/** What a worker must know before its first ticket. */
export interface JobSetup {
  readonly backend: BackendName;
  /** Bytes of buffers the worker may hold. */
  readonly capacityBytes: number;
  /** Paths that the spans of operands and of targets refer to by number. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What became of a ticket. */
export interface TicketResult {
  /** Names of copied tensors whose bytes are not the same in all models. */
  readonly differing: readonly string[];
}

/** A worker's job: it reads, computes and writes one ticket after the other. */
export class Job {
  private readonly storage: Storage;
  private readonly setup: JobSetup;
  private readonly backend: Backend;
  private readonly sources: Promise<ByteSource>[] = [];
  private readonly sinks: Promise<ByteSink>[] = [];
  private readonly stages = new Map<string, readonly Stage[]>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(storage: Storage, setup: JobSetup) {
    this.storage = storage;
    this.setup = setup;
    this.backend = backends[setup.backend](setup.capacityBytes);
  }

  /** Does a ticket once those given before are done: there is one set of buffers. */
  run(ticket: Ticket): Promise<TicketResult> {
    const result = this.last.then(() => this.work(ticket));
    this.last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    for (const file of await Promise.all([...this.sources, ...this.sinks].filter(Boolean)))
      await file.close();
  }

  private async work(ticket: Ticket): Promise<TicketResult> {
    const differing: string[] = [];
    for (const piece of ticket.pieces) {
      if (piece.merge !== undefined) await this.merge(piece, piece.merge);
      else if (!(await this.copy(piece))) differing.push(piece.tensor);
    }
    return { differing };
  }

  private async merge(piece: Piece, applied: AppliedMethod): Promise<void> {
    const layout = layoutOf(piece);
    const buffers = this.backend.buffersFor(layout, piece.elements);
    await this.read(piece, buffers);
    for (const { structure, scalars } of this.stagesOf(applied, piece)) {
      const kernel = await this.backend.compile(structure, layout);
      await kernel.run(
        piece.elements,
        scalars.map((scalar) => evaluate(scalar, new Map())),
      );
    }
    await this.write(piece.target, buffers.output);
  }

  /** Copies the first model's bytes; true when those of all others are the same. */
  private async copy(piece: Piece): Promise<boolean> {
    const buffers = this.backend.buffersFor(layoutOf(piece), piece.elements);
    await this.read(piece, buffers);
    const [first, ...others] = buffers.inputs;
    await this.write(piece.target, first!);
    return others.every((other) => other.every((byte, index) => byte === first![index]));
  }

  private async read(piece: Piece, buffers: Buffers): Promise<void> {
    for (const [index, span] of operandsOf(piece).entries()) {
      const source = await (this.sources[span.file] ??= openLater(() =>
        this.storage.open(this.setup.inputs[span.file]!),
      ));
      await source.readInto(buffers.inputs[index]!, span.offset);
    }
  }

  private async write(target: Span, bytes: Uint8Array): Promise<void> {
    const sink = await (this.sinks[target.file] ??= openLater(() =>
      this.storage.openSink(this.setup.outputs[target.file]!),
    ));
    await sink.write(bytes, target.offset);
  }

  private stagesOf(applied: AppliedMethod, piece: Piece): readonly Stage[] {
    const hasBase = piece.base !== undefined;
    const key = JSON.stringify([applied, piece.models.length, hasBase]);
    let stages = this.stages.get(key);
    if (stages === undefined) {
      stages = lower(formulaOf(applied, piece.models.length, hasBase));
      this.stages.set(key, stages);
    }
    return stages;
  }
}

async function openLater<T>(open: () => T | Promise<T>): Promise<T> {
  return open();
}

function layoutOf(piece: Piece): Layout {
  return { inputs: operandsOf(piece).map(({ dtype }) => dtype), output: piece.target.dtype };
}

function operandsOf({ base, models }: Piece): readonly Span[] {
  return base === undefined ? models : [base, ...models];
}
