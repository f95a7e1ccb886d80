import { bytesOf } from "../dtype.ts";
import { decodeFloats } from "../kernels/low-rank/decode.ts";
import type { Span } from "../plan/plan.ts";
import type { InputReader } from "./input-reader.ts";

/** Reads numbers in float32, always into the same memory: to get fresh memory takes longer than to decode them. */
export class FloatReader {
  private readonly inputs: InputReader;
  private bytes = new Uint8Array(0);
  private floats = new Float32Array(0);

  constructor(inputs: InputReader) {
    this.inputs = inputs;
  }

  /** All numbers of a span of `elements` elements; good until the next call. */
  async read(span: Span, elements: number): Promise<Float32Array> {
    const length = bytesOf(span.dtype, elements);
    if (this.bytes.length < length) this.bytes = new Uint8Array(length);
    if (this.floats.length < elements) this.floats = new Float32Array(elements);
    const [bytes, floats] = [this.bytes.subarray(0, length), this.floats.subarray(0, elements)];
    await this.inputs.read(span, bytes);
    decodeFloats(span.dtype, bytes, floats);
    return floats;
  }
}
