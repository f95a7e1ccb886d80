import { TensorweldError } from "../../index.ts";
import type { TensorExplanation } from "../../index.ts";
import { type Command, jsonSwitch } from "../command.ts";
import { explanationLines } from "../explanation-text.ts";
import { answerTo } from "../planning.ts";
import { jsonText } from "../printable.ts";

/** Says what each tensor of a merge's output is made of. */
export const explainCommand: Command = {
  name: "explain",
  summary: "Tell what each tensor of the output would be made of: sources, values of parameters, formula.",
  argument: "<recipe.yml | config.json>",
  argumentHint: "explain one recipe at a time",
  flags: [],
  switches: [jsonSwitch],
  options: [{ name: "tensor", hint: "NAME", doc: "Only tensors whose names contain this." }],
  notes: "Tensors that are made in the same way are told together.",
  examples: ["explain recipe.yml", "explain recipe.yml --tensor layers.7.mlp"],

  async run(line, { engine, console }) {
    if (line.argument === undefined) {
      const message = "explain needs a recipe: a .yml file, or a .json one with flags as keys";
      throw new TensorweldError("refused", [...line.problems, { code: "request/missing-value", message }]);
    }
    const all = await answerTo(line, engine, (config, recipe) => engine.explain(config, recipe));
    const found = matching(all, line.options.get("tensor") ?? "");
    console.out(
      line.switches.has("json") ? jsonText(found) : explanationLines(found, console.outPaint).join("\n"),
    );
  },
};

function matching(all: readonly TensorExplanation[], part: string): readonly TensorExplanation[] {
  const exact = all.filter(({ name }) => name === part);
  const found = exact.length > 0 ? exact : all.filter(({ name }) => name.includes(part));
  if (found.length > 0) return found;
  const message = `no tensor of the output has ${JSON.stringify(part)} in its name`;
  const hint = "explain without --tensor lists them all";
  throw new TensorweldError("refused", [{ code: "request/invalid-value", key: "tensor", message, hint }]);
}
