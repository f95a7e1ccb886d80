import { isMergeable } from "../dtype.ts";
import { refuseIfAny } from "../errors.ts";
import type { Problem } from "../errors.ts";
import type { Checkpoint, TensorInfo } from "../formats/checkpoint.ts";
import { describeFew } from "../formats/describe-few.ts";
import { describeJson, shorten } from "../formats/describe-json.ts";
import { problemList } from "../formats/problem-list.ts";
import type { ProblemList } from "../formats/problem-list.ts";
import type { Adapter } from "./adapter.ts";
import { renamingInto } from "./base-names.ts";
import type { Renaming } from "./base-names.ts";
import type { Change } from "./change.ts";
import { layoutsOf, sameShape } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { isOutput, tiedNotices } from "./tied-weights.ts";
import { transposedUpdate } from "./update.ts";
import type { Update } from "./update.ts";

/** What an adapter does to a base, by names of the base's tensors. A tensor that has both is replaced, then updated. */
export interface AppliedAdapter {
  readonly updates: ReadonlyMap<string, Update>;
  /** Tensors of the adapter that take the place of the base's: of the same shape; their floating-point type may differ. */
  readonly replacements: ReadonlyMap<string, TensorInfo>;
  /** Things worth telling the user that do not stop a merge. */
  readonly notices: readonly string[];
}

/**
 * What `adapter` does to the tensors of `base`.
 * @throws TensorweldError `refused`, with every problem found: `adapter/unmatched`, `adapter/shape`,
 * `adapter/unsupported`.
 */
export function applyAdapter(adapter: Adapter, base: Checkpoint): AppliedAdapter {
  const { changes, replacements } = adapter.weights;
  const wanted = [...new Set([...changes.map(({ target }) => target), ...replacements.keys()])];
  const renaming = renamingInto(base.tensors, wanted);
  const place: Placement = { adapter, base, renaming, problems: problemList(adapter.path) };
  const unmatched = wanted.filter((name) => !base.tensors.has(renaming.of(name)));
  if (unmatched.length > 0) place.problems.add(unmatchedProblem(place, unmatched, wanted.length));
  const updates = placeChanges(place, changes);
  const replaced = placeReplacements(place, replacements);
  refuseIfAny(place.problems.all());
  return {
    updates,
    replacements: replaced,
    notices: [
      ...(renaming.description === undefined ? [] : [`${adapter.path}: ${renaming.description}`]),
      ...tiedNotices(new Set([...updates.keys(), ...replaced.keys()]), base),
    ],
  };
}

interface Placement {
  readonly adapter: Adapter;
  readonly base: Checkpoint;
  readonly renaming: Renaming;
  readonly problems: ProblemList;
}

function placeChanges(place: Placement, changes: readonly Change[]): ReadonlyMap<string, Update> {
  const { adapter, base, renaming } = place;
  const placed = changes.flatMap((change) => {
    const tensor = base.tensors.get(renaming.of(change.target));
    return tensor === undefined ? [] : [{ change, tensor, shape: tensor.shape }];
  });
  const layoutOf = layoutsOf(adapter.fanInFanOut, placed);
  const updates = new Map<string, Update>();
  for (const one of placed) {
    const { change, tensor } = one;
    const layout = layoutOf(one);
    checkType(place, tensor);
    if (layout === "same") updates.set(tensor.name, change.update);
    else if (layout === "transposed") updates.set(tensor.name, transposedUpdate(change.update));
    else place.problems.add(layoutProblem(place, change, tensor, layout));
  }
  return updates;
}

function placeReplacements(
  place: Placement,
  replacements: ReadonlyMap<string, TensorInfo>,
): ReadonlyMap<string, TensorInfo> {
  const replaced = new Map<string, TensorInfo>();
  for (const [name, tensor] of replacements) {
    const old = place.base.tensors.get(place.renaming.of(name));
    if (old === undefined) continue;
    checkType(place, old);
    checkType(place, tensor);
    if (!sameShape(old.shape, tensor.shape)) place.problems.add(replacementProblem(place, old, tensor));
    replaced.set(old.name, tensor);
  }
  return replaced;
}

function checkType({ problems }: Placement, { name, dtype, file }: TensorInfo): void {
  if (isMergeable(dtype)) return;
  const message = `is of type ${dtype} in ${file}, and adapters change floating-point types only`;
  problems.add({ code: "adapter/unsupported", tensor: name, message });
}

function unmatchedProblem(
  { adapter, base }: Placement,
  unmatched: readonly string[],
  wanted: number,
): Omit<Problem, "file"> {
  const list = describeFew(unmatched, (name) => JSON.stringify(shorten(name)));
  const message = `changes ${wanted} tensors, of which ${base.path} lacks ${unmatched.length}: ${list}`;
  const hint = unmatched.every(isOutput)
    ? "the base uses its embedding as output layer too: untie both, and save the base again"
    : rightBase(adapter);
  return { code: "adapter/unmatched", message, hint };
}

function layoutProblem(
  { adapter, base }: Placement,
  change: Change,
  { name, shape }: TensorInfo,
  layout: Layout,
): Omit<Problem, "file"> {
  const found = `has shape ${describeJson(shape)} in ${base.path}`;
  if (layout === "unknown") {
    const message = `${found}, and is square: by fan_in_fan_out it is ${adapter.fanInFanOut ? "[in, out]" : "[out, in]"}, unlike every weight of the adapter that is not square`;
    return { code: "adapter/shape", tensor: name, message, hint: rightBase(adapter) };
  }
  const message = `${found}, and the adapter's factors are for ${describeJson(change.shape)}`;
  const isTransposed = sameShape(change.shape.toReversed(), shape);
  const hint = isTransposed
    ? "Paddle stores weights [in, out], Hugging Face [out, in]: use a base in the layout of the adapter"
    : rightBase(adapter);
  return { code: "adapter/shape", tensor: name, message, hint };
}

function replacementProblem(
  { adapter, base }: Placement,
  { name, shape }: TensorInfo,
  tensor: TensorInfo,
): Omit<Problem, "file"> {
  const message = `has shape ${describeJson(tensor.shape)} here, where it is trained whole, and ${describeJson(shape)} in ${base.path}`;
  const isResized = tensor.shape[0] !== shape[0] && sameShape(tensor.shape.slice(1), shape.slice(1));
  const hint = isResized
    ? `its vocabulary was resized from ${shape[0]} to ${tensor.shape[0]}: resize the base in the same way first`
    : rightBase(adapter);
  return { code: "adapter/shape", tensor: name, message, hint };
}

function rightBase({ baseModel }: Adapter): string {
  const called = baseModel === undefined ? "" : `, ${JSON.stringify(shorten(baseModel))}`;
  return `use the model that the adapter was trained on${called}`;
}
