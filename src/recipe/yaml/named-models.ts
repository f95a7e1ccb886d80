import type { MergeDocument } from "./document.ts";
import type { NamedModel } from "./models.ts";

/** Every model that a document names, as often as it does, in the order of the text within each part. */
export function namedModels({ base, stacks }: MergeDocument): readonly NamedModel[] {
  const inStacks = stacks.flatMap((stack) => [stack.base, ...stack.sources.map(({ model }) => model)]);
  return [base, ...inStacks].filter((model) => model !== undefined);
}
