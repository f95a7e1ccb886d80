import { isMergeable } from "../../dtype.ts";
import type { Problem } from "../../errors.ts";
import type { TensorInfo } from "../../formats/checkpoint.ts";
import type { Model } from "../models.ts";
import { shortened } from "../shortened.ts";
import { leadingMember, type Member, membersOf, type Part } from "./part.ts";
import { differInRows, isVocabulary } from "./vocabulary.ts";

/**
 * Everything that keeps the models' tensors from being merged name by name.
 * @param rowsMayDiffer whether vocabularies are cut to the rows that are merged.
 */
export function mismatches(part: Part, donor: Model, rowsMayDiffer: boolean): readonly Problem[] {
  const leader = leadingMember(part, donor);
  const others = new Set(membersOf(part).filter((member) => member !== leader));
  const problems = [...others].flatMap((member) => [
    ...missingNames(leader, member),
    ...missingNames(member, leader),
    ...differences(leader, member, rowsMayDiffer),
  ]);
  // Where names and shapes fit, rows can be counted.
  return problems.length > 0 || !rowsMayDiffer
    ? problems
    : [...others].flatMap((member) => tooFewRows(part, member));
}

/** Vocabularies of a model that are shorter than the base's: the rest of its rows have no difference. */
function tooFewRows({ base }: Part, member: Member): readonly Problem[] {
  if (base === undefined) return [];
  const short = [...member.tensors].filter(
    ([name, { shape }]) => isVocabulary(name) && shape[0]! < base.tensors.get(name)!.shape[0]!,
  );
  return short.map(([name, { shape }]) => ({
    code: "plan/tensor-shape",
    tensor: member.nameOf(name),
    file: member.model.checkpoint.path,
    message: `has ${shape[0]} rows here and ${base.tensors.get(name)!.shape[0]} in the base ${placeIn(base, name, member)}, whose rows are all needed`,
    hint: "take the model with fewer rows as the base",
  }));
}

const tiedHint =
  "its output layer is tied to its embeddings (tie_word_embeddings) and the other's is not: store a copy of the embeddings as lm_head.weight, or merge models that are alike in this";

/** Tensors that `owner` has and `other` lacks. */
function missingNames(owner: Member, other: Member): readonly Problem[] {
  const names = [...owner.tensors.keys()].filter((name) => !other.tensors.has(name));
  const [first, second] = names;
  const isTied = first === "lm_head.weight" && second === undefined;
  return shortened(
    names.map((name) => ({
      code: "plan/tensor-names",
      tensor: other.nameOf(name),
      file: other.model.checkpoint.path,
      message: `is missing here, and present in ${placeIn(owner, name, other)}`,
    })),
    isTied ? tiedHint : "merge models of the same architecture, with all their weights",
  );
}

/** A model and, where it is another than in `other`, what it calls a tensor of the output. */
function placeIn(member: Member, name: string, other: Member): string {
  const [here, there] = [member.nameOf(name), other.nameOf(name)];
  const { path } = member.model.checkpoint;
  return here === there ? path : `${path} as ${JSON.stringify(here)}`;
}

function differences(leader: Member, member: Member, rowsMayDiffer: boolean): readonly Problem[] {
  const pairs = [...leader.tensors].flatMap(([name, tensor]) => {
    const twin = member.tensors.get(name);
    return twin === undefined ? [] : [{ name, tensor, twin }];
  });
  const shapes = pairs.filter(
    ({ name, tensor, twin }) =>
      !sameShape(tensor.shape, twin.shape) &&
      !(rowsMayDiffer && isVocabulary(name) && differInRows(tensor.shape, twin.shape)),
  );
  const kinds = pairs.filter(({ tensor, twin }) => isMergeable(tensor.dtype) !== isMergeable(twin.dtype));
  return [
    ...shortened(
      shapes.map(({ name, tensor, twin }) => ({
        code: "plan/tensor-shape",
        tensor: member.nameOf(name),
        file: member.model.checkpoint.path,
        message: `has shape [${twin.shape.join(", ")}] here and [${tensor.shape.join(", ")}] in ${placeIn(leader, name, member)}`,
        hint: shapeHint(tensor, twin),
      })),
    ),
    ...shortened(
      kinds.map(({ name, tensor, twin }) => ({
        code: "plan/tensor-dtype",
        tensor: member.nameOf(name),
        file: member.model.checkpoint.path,
        message: `is ${twin.dtype} here and ${tensor.dtype} in ${placeIn(leader, name, member)}; only floating-point types are merged`,
      })),
    ),
  ];
}

function shapeHint(tensor: TensorInfo, twin: TensorInfo): string {
  const transposed = sameShape(twin.shape, tensor.shape.toReversed());
  return transposed
    ? "one of them is transposed: Paddle stores Linear weights [in, out], PyTorch [out, in]"
    : "merge models of the same sizes";
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
