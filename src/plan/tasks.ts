import type { Update } from "../adapters/update.ts";
import type { InputFile, TensorInfo } from "../formats/checkpoint.ts";
import type { ShardLayout } from "../formats/safetensors/write.ts";
import type { ArrangedTensor, Source } from "./arrangement/arranged-tensor.ts";
import { distinctModels, type Models } from "./models.ts";
import type { LowRankUpdate, Operand, Span, TensorTask } from "./plan.ts";

/** A task before it is decided how its tensor is cut up. */
export type UncutTask = Omit<TensorTask, "chunkElements">;

/** The files that operands are read from, each once. */
export function inputFiles(models: Models): readonly InputFile[] {
  const files = distinctModels(models).flatMap((model) => model.files);
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

type SpanOf = (tensor: TensorInfo) => Span;

/** One task per tensor of the output, in the order of the output's bytes. */
export function tensorTasks(
  arranged: readonly ArrangedTensor[],
  shards: readonly ShardLayout[],
  inputs: readonly InputFile[],
): readonly UncutTask[] {
  const byName = new Map(arranged.map((tensor) => [tensor.name, tensor]));
  const fileNumbers = new Map(inputs.map(({ path }, number) => [path, number]));
  const spanOf: SpanOf = ({ file, offset, dtype, bytes, text }) => ({
    file: fileNumbers.get(file)!,
    offset,
    dtype,
    ...(text && { text: { ...text, decodedBytes: bytes } }),
  });
  return shards.flatMap(({ tensors }, shard) =>
    tensors.map(({ name, shape, offset, dtype }) => {
      const { combination, sources, hasBase } = byName.get(name)!;
      // Of a copied tensor the others are only compared with the first, which takes the same type.
      const read = sources.filter(
        ({ tensor }) => combination !== undefined || tensor.dtype === sources[0]!.tensor.dtype,
      );
      return {
        name,
        shape,
        elements: shape.reduce((product, size) => product * size, 1),
        ...(combination && { combination }),
        operands: read.map((source) => operandOf(source, spanOf)),
        hasBase,
        target: { file: shard, offset, dtype },
      };
    }),
  );
}

function operandOf({ model, name, tensor }: Source, spanOf: SpanOf): Operand {
  const update = model.updates.get(name);
  return { ...spanOf(tensor), ...(update && { update: lowRankUpdate(update, spanOf) }) };
}

function lowRankUpdate({ left, right, magnitude, ...numbers }: Update, spanOf: SpanOf): LowRankUpdate {
  return {
    ...numbers,
    ...(left && { left: { ...spanOf(left.tensor), transposed: left.transposed } }),
    right: { ...spanOf(right.tensor), transposed: right.transposed },
    ...(magnitude && { magnitude: { ...spanOf(magnitude.tensor), axis: magnitude.axis } }),
  };
}
