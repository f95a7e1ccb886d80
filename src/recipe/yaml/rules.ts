import type { Rule } from "../rule.ts";
import type { Cast } from "./cast.ts";
import type { Contents } from "./contents.ts";
import type { ParameterSetting } from "./parameters.ts";

/**
 * The rules of a recipe, mergekit's order of precedence written out: a source of a slice, the slice, the module, the
 * recipe. Of several conditional values of one parameter the first that applies holds, as they are written.
 * @param casts of the stacks, in their order.
 */
export function rulesOf({ stacks, isSliced, parameters }: Contents, casts: readonly Cast[]): readonly Rule[] {
  const inSlice = (slice: number): Pick<Rule, "slice"> => (isSliced ? { slice } : {});
  return [
    ...casts.flatMap(({ merged }, slice) =>
      merged.flatMap((model, source) => settingRules(model.parameters, { ...inSlice(slice), source })),
    ),
    ...stacks.flatMap((stack, slice) => settingRules(stack.parameters, inSlice(slice))),
    ...settingRules(parameters, {}),
  ];
}

function settingRules(
  settings: readonly ParameterSetting[],
  place: Pick<Rule, "slice" | "source">,
): readonly Rule[] {
  return settings.flatMap(({ parameter: { step, parameter }, choices }) =>
    choices.map((choice) => ({ step, parameter, ...choice, ...place })),
  );
}
