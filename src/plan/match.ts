import { isMergeable } from "../dtype.ts";
import type { Problem } from "../errors.ts";
import type { TensorInfo } from "../formats/checkpoint.ts";
import { distinctModels, leadingModel, type Model, type Models } from "./models.ts";

/** Problems of one kind that are listed for one model; a wrong model has thousands, all alike. */
const MAX_LISTED = 20;

/** Everything that keeps the models' tensors from being merged name by name. */
export function mismatches(models: Models): readonly Problem[] {
  const leader = leadingModel(models);
  const others = distinctModels(models).filter((model) => model !== leader);
  return others.flatMap((model) => [
    ...missingNames(leader, model),
    ...missingNames(model, leader),
    ...differences(leader, model),
  ]);
}

const tiedHint =
  "its output layer is tied to its embeddings (tie_word_embeddings) and the other's is not: store a copy of the embeddings as lm_head.weight, or merge models that are alike in this";

/** Tensors that `owner` has and `other` lacks. */
function missingNames(owner: Model, other: Model): readonly Problem[] {
  const names = [...owner.tensors.keys()].filter((name) => !other.tensors.has(name));
  const [first, second] = names;
  const isTied = first === "lm_head.weight" && second === undefined;
  return shortened(
    names.map((tensor) => ({
      code: "plan/tensor-names",
      tensor,
      file: other.checkpoint.path,
      message: `is missing here, and present in ${owner.checkpoint.path}`,
    })),
    isTied ? tiedHint : "merge models of the same architecture, with all their weights",
  );
}

function differences(leader: Model, model: Model): readonly Problem[] {
  const pairs = [...leader.tensors.values()].flatMap((tensor) => {
    const twin = model.tensors.get(tensor.name);
    return twin === undefined ? [] : [{ tensor, twin }];
  });
  const shapes = pairs.filter(({ tensor, twin }) => !sameShape(tensor.shape, twin.shape));
  const kinds = pairs.filter(({ tensor, twin }) => isMergeable(tensor.dtype) !== isMergeable(twin.dtype));
  return [
    ...shortened(shapes.map(({ tensor, twin }) => shapeProblem(leader, model, tensor, twin))),
    ...shortened(
      kinds.map(({ tensor, twin }) => ({
        code: "plan/tensor-dtype",
        tensor: tensor.name,
        file: model.checkpoint.path,
        message: `is ${twin.dtype} here and ${tensor.dtype} in ${leader.checkpoint.path}; only floating-point types are merged`,
      })),
    ),
  ];
}

function shapeProblem(leader: Model, model: Model, tensor: TensorInfo, twin: TensorInfo): Problem {
  const message = `has shape [${twin.shape.join(", ")}] here and [${tensor.shape.join(", ")}] in ${leader.checkpoint.path}`;
  const transposed = sameShape(twin.shape, tensor.shape.toReversed());
  const hint = transposed
    ? "one of them is transposed: Paddle stores Linear weights [in, out], PyTorch [out, in]"
    : "merge models of the same sizes";
  return { code: "plan/tensor-shape", tensor: tensor.name, file: model.checkpoint.path, message, hint };
}

/** The first problems of a list, the last of them saying how many more there are and what to do. */
function shortened(problems: readonly Problem[], hint?: string): readonly Problem[] {
  const listed = problems.slice(0, MAX_LISTED);
  const last = listed.at(-1);
  if (last === undefined) return [];
  const more = problems.length - listed.length;
  const message = more > 0 ? `${last.message}; ${more} more tensors likewise` : last.message;
  const advice = last.hint ?? hint;
  return [...listed.slice(0, -1), { ...last, message, ...(advice !== undefined && { hint: advice }) }];
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
