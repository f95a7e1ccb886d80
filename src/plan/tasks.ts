import { type DType, isMergeable } from "../dtype.ts";
import type { InputFile, TensorInfo } from "../formats/checkpoint.ts";
import type { PlacedTensor, ShardLayout, TensorSpec } from "../formats/safetensors/write.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { distinctModels, leadingModel, type Models } from "./models.ts";
import type { Span, TensorTask } from "./plan.ts";

/** A task before it is decided how its tensor is cut up. */
export type UncutTask = Omit<TensorTask, "chunkElements">;

/** The files that operands are read from, each once. */
export function inputFiles(models: Models): readonly InputFile[] {
  const files = distinctModels(models).flatMap((model) => model.files);
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** Names, types and shapes of the output's tensors: the leading model's, merged ones in the recipe's type. */
export function outputTensors(models: Models, { dtype }: Recipe): readonly TensorSpec[] {
  return [...leadingModel(models).tensors.values()].map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    dtype: dtype !== undefined && isMergeable(tensor.dtype) ? dtype : tensor.dtype,
  }));
}

/** One task per tensor of the output, in the order of the output's bytes. */
export function tensorTasks(
  models: Models,
  recipe: Recipe,
  shards: readonly ShardLayout[],
  inputs: readonly InputFile[],
): readonly UncutTask[] {
  const fileNumbers = new Map(inputs.map(({ path }, number) => [path, number]));
  const spanOf = ({ file, offset, dtype }: TensorInfo): Span => ({
    file: fileNumbers.get(file)!,
    offset,
    dtype,
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
  spanOf: (tensor: TensorInfo) => Span,
): Pick<TensorTask, "combination" | "operands" | "hasBase"> {
  const checkpoints = base === undefined ? models : [base, ...models];
  const spans = checkpoints.map((checkpoint) => spanOf(checkpoint.tensors.get(name)!));
  const hasBase = base !== undefined;
  if (isMergeable(dtype)) return { combination: recipe.combination, operands: spans, hasBase };
  const [source, ...others] = spans;
  // The others are only compared with the one that is copied, which takes the same type.
  return { operands: [source!, ...others.filter((span) => span.dtype === source!.dtype)], hasBase };
}

/** What the user should know about tensors that are copied: how many there are of each type, and from where. */
export function copyNotices(models: Models): readonly string[] {
  const leader = leadingModel(models);
  const copied = [...leader.tensors.values()].filter((tensor) => !isMergeable(tensor.dtype));
  const types = [...new Set(copied.map(({ dtype }) => dtype))].toSorted();
  return types.map((dtype) => {
    const count = copied.filter((tensor) => tensor.dtype === dtype).length;
    const tensors = count === 1 ? "1 tensor" : `${count} tensors`;
    return `${tensors} of type ${dtype} can't be merged: copied from ${leader.path}${otherTypes(models, dtype)}`;
  });
}

function otherTypes(models: Models, dtype: DType): string {
  const names = [...leadingModel(models).tensors.values()].filter((tensor) => tensor.dtype === dtype);
  const differ = names.filter(({ name }) =>
    distinctModels(models).some((model) => model.tensors.get(name)!.dtype !== dtype),
  );
  return differ.length === 0 ? "" : `; ${differ.length} of them have another type in another model`;
}
