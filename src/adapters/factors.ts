import { isMergeable } from "../dtype.ts";
import type { TensorInfo } from "../formats/checkpoint.ts";
import { describeJson, shorten } from "../formats/describe-json.ts";
import type { ProblemList } from "../formats/problem-list.ts";

/** A factor of an update as its file has it. */
export interface StoredFactor {
  readonly tensor: TensorInfo;
  /** The axis whose length is the rank. */
  readonly rankAxis: 0 | 1;
}

/** Says that the parts of one module are no pair of factors; there is no change then. */
export function noPair(parts: ReadonlyMap<string, TensorInfo>, problems: ProblemList): readonly [] {
  const [first] = parts.values();
  const message = `its module has ${[...parts.keys()].join(", ")}, and an update has two factors, A and B`;
  problems.add({ code: "adapter/weights", tensor: first!.name, message });
  return [];
}

/** Whether two factors belong together and have the rank that the configuration gives them; else `problems` says why. */
export function checkFactors(
  a: StoredFactor,
  b: StoredFactor,
  wantedRank: number,
  problems: ProblemList,
): boolean {
  const areWhole = [a, b].map(({ tensor }) => checkFactor(tensor, problems));
  if (areWhole.includes(false)) return false;
  const [rank, otherRank] = [a, b].map(({ tensor, rankAxis }) => tensor.shape[rankAxis]!);
  const tensor = a.tensor.name;
  if (rank !== otherRank) {
    const message = `has shape ${describeJson(a.tensor.shape)} and so rank ${rank}, and ${JSON.stringify(shorten(b.tensor.name))} has shape ${describeJson(b.tensor.shape)} and so rank ${otherRank}`;
    const hint = "updates of convolutions with groups, whose factors differ so, can't be merged";
    problems.add({ code: "adapter/shape", tensor, message, ...(a.tensor.shape.length > 2 && { hint }) });
    return false;
  }
  if (rank === wantedRank) return true;
  const message = `has rank ${rank}, and its configuration gives it rank ${wantedRank}`;
  const hint = "use the configuration that was saved with these weights";
  problems.add({ code: "adapter/configuration", tensor, message, hint });
  return false;
}

/** Whether `tensor` has one number for each of `length` rows or columns; else `problems` says so. */
export function checkMagnitude(tensor: TensorInfo, length: number, problems: ProblemList): boolean {
  // Those of convolutions are stored as [1, length, 1, 1].
  const elements = tensor.shape.reduce((product, size) => product * size, 1);
  const fits = elements === length && tensor.shape.filter((size) => size !== 1).length <= 1;
  if (!fits) {
    const message = `has shape ${describeJson(tensor.shape)}, and its factors have ${length} outputs`;
    problems.add({ code: "adapter/shape", tensor: tensor.name, message });
  }
  return checkType(tensor, problems) && fits;
}

/** Whether `tensor` is of a type that is computed with; else `problems` says so. */
export function checkType({ name, dtype }: TensorInfo, problems: ProblemList): boolean {
  if (isMergeable(dtype)) return true;
  const message = `is of type ${dtype}, and only floating-point types are merged`;
  problems.add({ code: "adapter/weights", tensor: name, message });
  return false;
}

function checkFactor(tensor: TensorInfo, problems: ProblemList): boolean {
  if (tensor.shape.length >= 2 && !tensor.shape.includes(0)) return checkType(tensor, problems);
  const message = `has shape ${describeJson(tensor.shape)}, and a factor is a matrix or more`;
  const hint = "the weights were saved in parts (DeepSpeed ZeRO-3, FSDP): gather them, then save again";
  problems.add({ code: "adapter/weights", tensor: tensor.name, message, hint });
  return false;
}
