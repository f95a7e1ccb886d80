import {
  didYouMean,
  methods,
  pairs,
  type Problem,
  recipeMethods,
  type RecipeMethod,
  sparsifiers,
  TensorweldError,
} from "../../index.ts";
import { type Command, jsonSwitch } from "../command.ts";
import type { Console } from "../console.ts";
import { explain, type Explained, explainedNames } from "../explained.ts";
import { explainedLines } from "../explained-text.ts";
import { layoutFor } from "../layout.ts";
import { combinationsText, pairSummary, partsText, recipeSummary } from "../method-text.ts";
import { jsonText } from "../printable.ts";
import { recipesNote, recipeStepsText } from "../recipe-text.ts";

/** Tells which methods there are, or all about one of them. */
export const methodsCommand: Command = {
  name: "methods",
  summary: "List the ways to merge, or describe one: formula, parameters, paper, other tools.",
  argument: "[name]",
  argumentHint: "describe one method at a time",
  flags: [],
  switches: [jsonSwitch],
  notes: "",
  examples: ["methods", "methods dare_ties", "methods trim"],

  async run(line, { console }) {
    const { explained, problems } = find(line.argument);
    const all = [...line.problems, ...problems];
    if (all.length > 0) throw new TensorweldError("refused", all);
    if (line.switches.has("json")) return console.out(jsonText(explained ?? everything()));
    const lines = explained === undefined ? overview(console) : explainedLines(explained, console);
    console.out(lines.join("\n"));
  },
};

function find(name: string | undefined): {
  readonly explained?: Explained;
  readonly problems: readonly Problem[];
} {
  if (name === undefined) return { problems: [] };
  const explained = explain(name);
  if (explained !== undefined) return { explained, problems: [] };
  const names = explainedNames();
  const likely = didYouMean(name, names);
  const message = `there is no method ${JSON.stringify(name)}; this version has: ${names.join(", ")}`;
  const hint = likely !== undefined && { hint: `did you mean ${likely}?` };
  return { problems: [{ code: "request/invalid-value", message, ...hint }] };
}

function everything(): Readonly<Record<string, readonly unknown[]>> {
  return {
    pairs: [...pairs.values()],
    sparsifiers: [...sparsifiers.values()],
    methods: [...methods.values()],
    recipeMethods: [...recipeMethods.values()],
  };
}

function overview({ width, outPaint }: Console): readonly string[] {
  const layout = layoutFor(width);
  const known = [...pairs.values()];
  const parts = known.map((pair) => (pair.sparsify === undefined ? "" : `${partsText(pair)}. `));
  const recipesOnly = [...recipeMethods.values()].filter(({ name }) => !pairs.has(name));
  return [
    outPaint("bold", "Methods, for --merge_method"),
    ...layout.items(known.map((pair, index) => [pair.name, parts[index] + pairSummary(pair)])),
    "",
    ...layout.paragraph(combinationsText()),
    "",
    outPaint("bold", "Methods for recipes only"),
    ...layout.items(recipesOnly.map((method) => [method.name, recipeParts(method) + recipeSummary(method)])),
    "",
    ...layout.paragraph(recipesNote),
    ...layout.paragraph("`tensorweld methods NAME` describes any of these."),
  ];
}

/** The steps of a method of recipes, unless it is its only step. */
function recipeParts(method: RecipeMethod): string {
  const steps = recipeStepsText(method);
  return steps === method.name ? "" : `${steps}. `;
}
