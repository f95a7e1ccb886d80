import { didYouMean } from "../../errors.ts";
import { type DType, dtypeFromAlias } from "../../dtype.ts";
import type { Complaints } from "./complaints.ts";
import { showTree, textOf } from "./scalars.ts";
import type { YamlTree } from "./tree.ts";

/** Element types by the names that recipes have for them; each may have `torch.` before it. */
export const recipeTypes: ReadonlyMap<string, DType> = new Map([
  ["bfloat16", "BF16"],
  ["float16", "F16"],
  ["float32", "F32"],
]);

/** The element type that `dtype` or `out_dtype` names; undefined, with a complaint, when it is none. */
export function readElementType(tree: YamlTree, complaints: Complaints): DType | undefined {
  const name = textOf(tree)?.replace(/^torch\./, "") ?? "";
  const type = recipeTypes.get(name);
  if (type === undefined) {
    const alias = dtypeFromAlias(name);
    const meant = [...recipeTypes].find(([, dtype]) => dtype === alias)?.[0];
    const likely = meant ?? didYouMean(name, recipeTypes.keys());
    complaints.refuse(tree, {
      message: `expected one of ${[...recipeTypes.keys()].join(", ")}, got ${showTree(tree)}`,
      hint: likely === undefined ? undefined : `did you mean ${likely}?`,
    });
  }
  return type;
}
