import { flags } from "../index.ts";
import type { Method, Parameter } from "../index.ts";
import type { Paint } from "./paint.ts";
import { indented, tableLines } from "./table.ts";

/** A method as a person reads it. */
export function methodLines(method: Method, paint: Paint): readonly string[] {
  const { name, summary, formula, reference, parameters } = method;
  const facts = [
    ["formula", formula],
    ["models", modelsText(method)],
    ["paper", reference],
  ];
  const rows = Object.entries(parameters).map(([parameter, declared]) => [
    flagText(parameter),
    valuesText(declared),
    `default ${declared.default}`,
    declared.doc,
  ]);
  return [
    paint("bold", name),
    ...indented([summary, "", ...tableLines(facts, ["left", "left"])]),
    "",
    paint("bold", "Parameters"),
    ...indented(tableLines(rows, ["left", "left", "left", "left"])),
  ];
}

/** How many models a method takes: `2 or more`. */
export function modelsText({ models: { minimum, maximum } }: Method): string {
  if (maximum === undefined) return `${minimum} or more`;
  return minimum === maximum ? String(minimum) : `${minimum} to ${maximum}`;
}

/** The flag that sets the parameter called `name`, or the name itself where there is none. */
export function flagText(name: string): string {
  for (const flag of flags.values()) if (flag.parameter === name) return `--${flag.name}`;
  return name;
}

/** The values that a parameter accepts. */
export function valuesText(parameter: Parameter): string {
  if (parameter.kind === "per-model") return "a number for each model";
  if (parameter.kind === "choice") return parameter.choices.join(" or ");
  if (parameter.kind === "flag") return "true or false";
  const { minimum, maximum, exclusiveMinimum } = parameter;
  const lower = minimum === undefined ? "" : exclusiveMinimum ? ` above ${minimum}` : ` from ${minimum}`;
  return `a number${lower}${maximum === undefined ? "" : ` up to ${maximum}`}`;
}
