import type { Method, Pair, Sparsifier } from "../index.ts";
import type { Console } from "./console.ts";
import type { Explained } from "./explained.ts";
import { type Layout, layoutFor } from "./layout.ts";
import { flagText, modelsText, notation, partsText, valuesText } from "./method-text.ts";
import type { Paint } from "./paint.ts";

/** What a name stands for as a person reads it: the pair, its parts, and what the letters of formulas mean. */
export function explainedLines(explained: Explained, { width, outPaint }: Console): readonly string[] {
  const { pair, sparsifier, method } = explained;
  const layout = layoutFor(width);
  const mergeFlag = pair === undefined || sparsifier !== undefined ? "--merge_type" : "--merge_method";
  const blocks = [
    ...(pair?.sparsify === undefined ? [] : [pairLines(pair, layout, outPaint)]),
    ...(sparsifier === undefined ? [] : [ruleLines(sparsifier, "--sparsify_type", layout, outPaint)]),
    ...(method === undefined ? [] : [ruleLines(method, mergeFlag, layout, outPaint)]),
    layout.paragraph(notation),
  ];
  return blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block]));
}

function pairLines(pair: Pair, layout: Layout, paint: Paint): readonly string[] {
  return [
    paint("bold", `${pair.name} = ${partsText(pair)}`),
    ...layout.items([
      ["flag", `--merge_method ${pair.name}`],
      ["paper", pair.reference],
    ]),
  ];
}

function ruleLines(rule: Method | Sparsifier, flag: string, layout: Layout, paint: Paint): readonly string[] {
  const { name, summary, formula, reference, parameters, differences } = rule;
  return [
    paint("bold", name),
    ...layout.items([
      ["flag", `${flag} ${name}`],
      ["does", summary],
      ["formula", formula],
      ["models", modelsText(rule)],
      ["paper", reference],
    ]),
    "",
    paint("bold", `Parameters of ${name}`),
    ...layout.items(
      Object.entries(parameters).map(([parameter, declared]) => [
        flagText(parameter),
        `${declared.doc} Takes ${valuesText(declared)}. Default ${declared.default}.`,
      ]),
    ),
    "",
    paint("bold", `Other tools' ${name}`),
    ...layout.items(differences.map((difference) => ["-", difference])),
  ];
}
