import { type DType, isMergeable } from "../../dtype.ts";
import type { Problem } from "../../errors.ts";
import type { Model } from "../models.ts";
import { advised } from "./advised.ts";

/**
 * Warnings that models store tensors in other types than the leading one, whose types the output takes; none when the
 * recipe says which type that is to be.
 */
export function dtypeDifferences(
  leader: Model,
  others: readonly Model[],
  chosen: DType | undefined,
): readonly Problem[] {
  if (chosen !== undefined) return [];
  return others.flatMap((model) =>
    advised(differences(leader, model), "choose the output's type with --dtype"),
  );
}

/** One problem for each pair of types, whatever the number of tensors. */
function differences(leader: Model, model: Model): readonly Problem[] {
  const counts = new Map<string, number>();
  for (const { name, dtype } of leader.tensors.values()) {
    const here = model.tensors.get(name)?.dtype;
    if (here === undefined || here === dtype || !isMergeable(here) || !isMergeable(dtype)) continue;
    const pair = `${here} here and ${dtype}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return [...counts].map(([pair, count]) => ({
    code: "check/dtype",
    file: model.checkpoint.path,
    message: `${count} tensor${count === 1 ? " is" : "s are"} ${pair} in ${leader.checkpoint.path}, as in the output`,
  }));
}
