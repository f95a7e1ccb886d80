import type { Update } from "../adapters/update.ts";
import type { InputFile, TensorInfo } from "../formats/checkpoint.ts";
import type { ShardLayout } from "../formats/safetensors/write.ts";
import type { StepInput } from "../methods/formula.ts";
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
    tensors.map(({ name, shape, offset, dtype }) => ({
      name,
      shape,
      elements: shape.reduce((product, size) => product * size, 1),
      ...workOn(byName.get(name)!, spanOf),
      target: { file: shard, offset, dtype },
    })),
  );
}

/** What is read for a tensor, and what is done with it. */
function workOn(
  { combination, sources, hasBase }: ArrangedTensor,
  spanOf: SpanOf,
): Pick<TensorTask, "combination" | "operands" | "inputs" | "hasBase"> {
  const operands: Operand[] = [];
  const inputOf = (source: Source): StepInput => {
    const { model, name } = source;
    const made = model.made?.get(name);
    if (made === undefined) return operands.push(operandOf(source, spanOf)) - 1;
    if (made.combination === undefined) return inputOf(made.sources[0]!);
    return {
      combination: made.combination,
      inputs: made.sources.map(inputOf),
      hasBase: made.hasBase,
    };
  };
  if (combination !== undefined) {
    const inputs = sources.map(inputOf);
    const areOperands = inputs.every((input) => typeof input === "number");
    return { combination, operands, ...(!areOperands && { inputs }), hasBase };
  }
  const [first, ...others] = sources;
  const copied = inputOf(first!);
  if (typeof copied !== "number") return { ...copied, operands };
  // The others are only compared with the one that is copied, which takes the same type.
  for (const source of others) if (source.tensor.dtype === first!.tensor.dtype) inputOf(source);
  return { operands, hasBase };
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
