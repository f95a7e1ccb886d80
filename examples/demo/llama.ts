import { type Checkpoint, type LlamaSizes, loadCheckpoint } from "./checkpoint.ts";
import { linear } from "./linear.ts";

/** A model that reads tokens one after another and remembers those that it has read. */
export interface Llama {
  readonly sizes: LlamaSizes;
  /** The logits after each of the tokens, row by row; the tokens follow those read before. */
  read(tokens: readonly number[]): Float32Array;
  /** Forgets every token read so far. */
  forget(): void;
}

/** Where a layer keeps the tokens read so far: per head, keys by token, values by channel. */
interface Memory {
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

/** The model in a checkpoint folder, computing in float32. */
export async function loadLlama(folder: string): Promise<Llama> {
  const checkpoint = await loadCheckpoint(folder);
  const { sizes } = checkpoint;
  const headWidth = sizes.width / sizes.heads;
  const emptyHeads = () =>
    Array.from({ length: sizes.heads }, () => new Float32Array(sizes.windowBytes * headWidth));
  const memories: Memory[] = Array.from({ length: sizes.layers }, () => ({
    keys: emptyHeads(),
    values: emptyHeads(),
  }));
  let tokensRead = 0;
  return {
    sizes,
    read(tokens) {
      if (tokensRead + tokens.length > sizes.windowBytes) {
        throw new RangeError(`the model reads at most ${sizes.windowBytes} tokens`);
      }
      const logits = forward(checkpoint, memories, tokens, tokensRead);
      tokensRead += tokens.length;
      return logits;
    },
    forget() {
      tokensRead = 0;
    },
  };
}

function forward(
  checkpoint: Checkpoint,
  memories: readonly Memory[],
  tokens: readonly number[],
  tokensRead: number,
): Float32Array {
  const { width, feedForwardWidth, vocabulary, normEpsilon } = checkpoint.sizes;
  const project = (input: Float32Array, name: string, outputWidth: number): Float32Array => {
    const weight = checkpoint.tensor(`${name}.weight`);
    const output = new Float32Array(tokens.length * outputWidth);
    linear(output, input, weight, weight.length / outputWidth);
    return output;
  };
  const normalized = (input: Float32Array, name: string) =>
    normalize(input, checkpoint.tensor(`${name}.weight`), normEpsilon);

  const embedding = checkpoint.tensor("model.embed_tokens.weight");
  const stream = new Float32Array(tokens.length * width);
  tokens.forEach((token, position) => {
    stream.set(embedding.subarray(token * width, (token + 1) * width), position * width);
  });
  for (const [index, memory] of memories.entries()) {
    const layer = `model.layers.${index}`;
    const calm = normalized(stream, `${layer}.input_layernorm`);
    const queries = project(calm, `${layer}.self_attn.q_proj`, width);
    const keys = project(calm, `${layer}.self_attn.k_proj`, width);
    const values = project(calm, `${layer}.self_attn.v_proj`, width);
    const mixed = attend(checkpoint.sizes, memory, { queries, keys, values }, tokensRead);
    add(stream, project(mixed, `${layer}.self_attn.o_proj`, width));

    const settled = normalized(stream, `${layer}.post_attention_layernorm`);
    const gate = project(settled, `${layer}.mlp.gate_proj`, feedForwardWidth);
    const up = project(settled, `${layer}.mlp.up_proj`, feedForwardWidth);
    for (let i = 0; i < up.length; i++) up[i]! *= gate[i]! / (1 + Math.exp(-gate[i]!));
    add(stream, project(up, `${layer}.mlp.down_proj`, width));
  }
  return project(normalized(stream, "model.norm"), "lm_head", vocabulary);
}

function add(target: Float32Array, summand: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += summand[i]!;
}

function normalize(input: Float32Array, scale: Float32Array, epsilon: number): Float32Array {
  const output = new Float32Array(input.length);
  const width = scale.length;
  for (let start = 0; start < input.length; start += width) {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += input[start + i]! ** 2;
    const factor = 1 / Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) output[start + i] = input[start + i]! * factor * scale[i]!;
  }
  return output;
}

interface Projections {
  readonly queries: Float32Array;
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

function attend(
  sizes: LlamaSizes,
  memory: Memory,
  { queries, keys, values }: Projections,
  tokensRead: number,
): Float32Array {
  const { width, heads, windowBytes } = sizes;
  const headWidth = width / heads;
  const positions = queries.length / width;
  const mixed = new Float32Array(queries.length);
  const query = new Float32Array(positions * headWidth);
  const headMixed = new Float32Array(positions * headWidth);
  const shares = new Float32Array(positions * windowBytes);
  for (let head = 0; head < heads; head++) {
    const headKeys = memory.keys[head]!;
    const headValues = memory.values[head]!;
    for (let position = 0; position < positions; position++) {
      const at = tokensRead + position;
      const start = position * width + head * headWidth;
      const end = start + headWidth;
      rotate(query, position * headWidth, queries.subarray(start, end), at, sizes.ropeBase);
      rotate(headKeys, at * headWidth, keys.subarray(start, end), at, sizes.ropeBase);
      for (let i = 0; i < headWidth; i++) headValues[i * windowBytes + at] = values[start + i]!;
    }
    linear(shares, query, headKeys, headWidth);
    for (let position = 0; position < positions; position++) {
      const row = shares.subarray(position * windowBytes, (position + 1) * windowBytes);
      causalSoftmax(row, tokensRead + position + 1, Math.sqrt(headWidth));
    }
    linear(headMixed, shares, headValues, windowBytes);
    for (let position = 0; position < positions; position++) {
      const row = headMixed.subarray(position * headWidth, (position + 1) * headWidth);
      mixed.set(row, position * width + head * headWidth);
    }
  }
  return mixed;
}

/** Turns channel i together with channel i + half, as Hugging Face lays out its Llama weights. */
function rotate(
  target: Float32Array,
  targetStart: number,
  channels: Float32Array,
  at: number,
  ropeBase: number,
): void {
  const half = channels.length / 2;
  for (let i = 0; i < half; i++) {
    const angle = at / ropeBase ** (i / half);
    const cosine = Math.cos(angle);
    const sine = Math.sin(angle);
    const first = channels[i]!;
    const second = channels[i + half]!;
    target[targetStart + i] = first * cosine - second * sine;
    target[targetStart + i + half] = second * cosine + first * sine;
  }
}

/** Turns the scores of the first `visible` tokens into shares of 1, and all later ones into 0. */
function causalSoftmax(scores: Float32Array, visible: number, divisor: number): void {
  let highest = -Infinity;
  for (let i = 0; i < visible; i++) highest = Math.max(highest, scores[i]!);
  let sum = 0;
  for (let i = 0; i < visible; i++) {
    const power = Math.exp((scores[i]! - highest) / divisor);
    scores[i] = power;
    sum += power;
  }
  for (let i = 0; i < visible; i++) scores[i]! /= sum;
  scores.fill(0, visible);
}
