import type { Update } from "../adapters/update.ts";
import { type DType, isMergeable } from "../dtype.ts";
import type { InputFile, TensorInfo } from "../formats/checkpoint.ts";
import type { PlacedTensor, ShardLayout, TensorSpec } from "../formats/safetensors/write.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { distinctModels, leadingModel, type Model, type Models } from "./models.ts";
import type { LowRankUpdate, Operand, Span, TensorTask } from "./plan.ts";

/** A task before it is decided how its tensor is cut up. */
export type UncutTask = Omit<TensorTask, "chunkElements">;

/** The files that operands are read from, each once. */
export function inputFiles(models: Models): readonly InputFile[] {
  const files = distinctModels(models).flatMap((model) => model.files);
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** Names, types and shapes of the output's tensors: the leading model's, merged ones in the recipe's type. */
export function outputTensors(models: Models, { dtype }: Recipe): readonly TensorSpec[] {
  return [...leadingModel(models).checkpoint.tensors.values()].map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    dtype: dtype !== undefined && isMergeable(tensor.dtype) ? dtype : tensor.dtype,
  }));
}

type SpanOf = (tensor: TensorInfo) => Span;

/** One task per tensor of the output, in the order of the output's bytes. */
export function tensorTasks(
  models: Models,
  recipe: Recipe,
  shards: readonly ShardLayout[],
  inputs: readonly InputFile[],
): readonly UncutTask[] {
  const fileNumbers = new Map(inputs.map(({ path }, number) => [path, number]));
  const spanOf: SpanOf = ({ file, offset, dtype, bytes, text }) => ({
    file: fileNumbers.get(file)!,
    offset,
    dtype,
    ...(text && { text: { ...text, decodedBytes: bytes } }),
  });
  return shards.flatMap(({ tensors }, shard) =>
    tensors.map((tensor) => ({
      name: tensor.name,
      shape: tensor.shape,
      elements: tensor.shape.reduce((product, size) => product * size, 1),
      ...operandsOf(models, recipe, tensor, spanOf),
      target: { file: shard, offset: tensor.offset, dtype: tensor.dtype },
    })),
  );
}

function operandsOf(
  { base, models }: Models,
  recipe: Recipe,
  { name, dtype }: PlacedTensor,
  spanOf: SpanOf,
): Pick<TensorTask, "combination" | "operands" | "hasBase"> {
  const all = base === undefined ? models : [base, ...models];
  const operands = all.map((model) => operandOf(model, name, spanOf));
  const hasBase = base !== undefined;
  const [source, ...others] = operands;
  // A model by itself that is not changed and keeps its type is not computed either: its bytes stay what they are.
  const isUntouched = others.length === 0 && source!.update === undefined && source!.dtype === dtype;
  if (isMergeable(dtype) && !isUntouched) return { combination: recipe.combination, operands, hasBase };
  // The others are only compared with the one that is copied, which takes the same type.
  return { operands: [source!, ...others.filter((operand) => operand.dtype === source!.dtype)], hasBase };
}

function operandOf(model: Model, name: string, spanOf: SpanOf): Operand {
  const update = model.updates.get(name);
  return {
    ...spanOf(model.tensors.get(name)!),
    ...(update && { update: lowRankUpdate(update, spanOf) }),
  };
}

function lowRankUpdate({ left, right, magnitude, ...numbers }: Update, spanOf: SpanOf): LowRankUpdate {
  return {
    ...numbers,
    ...(left && { left: { ...spanOf(left.tensor), transposed: left.transposed } }),
    right: { ...spanOf(right.tensor), transposed: right.transposed },
    ...(magnitude && { magnitude: { ...spanOf(magnitude.tensor), axis: magnitude.axis } }),
  };
}

/** What the user should know about tensors that are copied: how many there are of each type, and from where. */
export function copyNotices(models: Models): readonly string[] {
  const leader = leadingModel(models);
  const copied = [...leader.tensors.values()].filter((tensor) => !isMergeable(tensor.dtype));
  const types = [...new Set(copied.map(({ dtype }) => dtype))].toSorted();
  return types.map((dtype) => {
    const count = copied.filter((tensor) => tensor.dtype === dtype).length;
    const tensors = count === 1 ? "1 tensor" : `${count} tensors`;
    return `${tensors} of type ${dtype} can't be merged: copied from ${leader.checkpoint.path}${otherTypes(models, dtype)}`;
  });
}

function otherTypes(models: Models, dtype: DType): string {
  const names = [...leadingModel(models).tensors.values()].filter((tensor) => tensor.dtype === dtype);
  const differ = names.filter(({ name }) =>
    distinctModels(models).some((model) => model.tensors.get(name)!.dtype !== dtype),
  );
  return differ.length === 0 ? "" : `; ${differ.length} of them have another type in another model`;
}
