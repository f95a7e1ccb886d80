import { bytesOf } from "../dtype.ts";
import type { Buffers } from "../kernels/backend.ts";
import type { LowRankProduct } from "../kernels/low-rank/product.ts";
import { createLowRankProduct } from "../kernels/low-rank/wasm.ts";
import { type FormulaInput, inputsOf } from "../methods/operands.ts";
import type { LowRankUpdate, Operand, Span } from "../plan/plan.ts";
import { FloatReader } from "./float-reader.ts";
import type { InputReader } from "./input-reader.ts";
import { LowRankRun } from "./low-rank-run.ts";
import { MagnitudeScaling } from "./magnitude-scaling.ts";
import type { Piece } from "./ticket.ts";

/** An operand's update, begun. */
interface StartedUpdate {
  readonly key: string;
  readonly run: LowRankRun;
  readonly scaling: MagnitudeScaling | undefined;
}

/** Fills a pass's buffers: with what files hold and, of adapters, with what that comes to for a piece. */
export class OperandReader {
  private readonly inputs: InputReader;
  private readonly floats: FloatReader;
  /** By number of operand: models may all have adapters, and a piece needs those of all. */
  private readonly products: Promise<LowRankProduct>[] = [];
  private readonly started: (StartedUpdate | undefined)[] = [];

  constructor(inputs: InputReader) {
    this.inputs = inputs;
    this.floats = new FloatReader(inputs);
  }

  async fill({ operands, firstElement }: Piece, { inputs: buffers }: Buffers): Promise<void> {
    for (const [index, input] of inputsOf(operands).entries()) {
      await this.fillInput(input, operands[input.operand]!, firstElement, buffers[index]!);
    }
  }

  private async fillInput(
    { operand: number, part }: FormulaInput,
    operand: Operand,
    firstElement: number,
    buffer: Uint8Array,
  ): Promise<void> {
    if (part === "stored") return this.inputs.read(operand, buffer);
    const { run, scaling } = await this.startedUpdate(number, operand, firstElement);
    const floats = new Float32Array(buffer.buffer, buffer.byteOffset, buffer.byteLength / 4);
    if (part === "added") await run.addedTo(firstElement, floats);
    else await scaling?.factorsOf(firstElement, floats);
  }

  /** The update of an operand, begun anew when it is another tensor's than last time. */
  private async startedUpdate(
    number: number,
    operand: Operand,
    firstElement: number,
  ): Promise<StartedUpdate> {
    const update = operand.update!;
    const key = `${update.right.file}:${update.right.offset}`;
    const last = this.started[number];
    if (last?.key === key) return last;
    this.products[number] ??= createLowRankProduct();
    const run = await LowRankRun.start(update, this.floats, await this.products[number]);
    const scaling = this.scalingOf(update, tensorOf(operand, firstElement), run);
    const next = { key, run, scaling };
    this.started[number] = next;
    return next;
  }

  private scalingOf(update: LowRankUpdate, tensor: Span, run: LowRankRun): MagnitudeScaling | undefined {
    const { magnitude } = update;
    if (magnitude === undefined) return undefined;
    return new MagnitudeScaling(update, magnitude, tensor, run, this.floats);
  }
}

/** Where the tensor begins, of which an operand is the part from `firstElement` on. */
function tensorOf(operand: Operand, firstElement: number): Span {
  return { ...operand, offset: operand.offset - bytesOf(operand.dtype, firstElement) };
}
