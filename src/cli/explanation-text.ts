import { methods, modelText, sparsifiers, type TensorExplanation } from "../index.ts";
import type { AppliedMethod, TensorSource } from "../index.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { countOf, countText } from "./quantities.ts";
import { indented, tableLines } from "./table.ts";

/** Names that are listed of tensors made in the same way. */
const maxNames = 6;

/** What tensors are made of as a person reads it; those that are made in the same way are told together. */
export function explanationLines(tensors: readonly TensorExplanation[], paint: Paint): readonly string[] {
  const groups = new Map<string, TensorExplanation[]>();
  for (const tensor of tensors) {
    const key = makingKey(tensor);
    const alike = groups.get(key) ?? [];
    alike.push(tensor);
    groups.set(key, alike);
  }
  const blocks = [...groups.values()].map((alike) => groupLines(alike, paint));
  return blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block]));
}

/** Equal for tensors that differ in nothing but their names, shapes and places. */
function makingKey({ combination, base, sources, dtype }: TensorExplanation): string {
  const models = [base, ...sources].map(
    (source) => source && [source.model, source.dtype, source.madeOf && makingKey(source.madeOf)],
  );
  return JSON.stringify([combination, models, dtype]);
}

function groupLines(alike: readonly TensorExplanation[], paint: Paint): readonly string[] {
  const { dtype, position } = alike[0]!;
  const isOnePlace = position > 0 && alike.every((tensor) => tensor.position === position);
  const place = isOnePlace ? `, at ${Number(position.toPrecision(4))} of the layers` : "";
  return [
    paint("bold", `${countOf(alike.length, "tensor")} of ${dtype}${place}`),
    ...indented(namesOf(alike)),
    ...indented(makingLines(alike[0]!, alike.length > 1)),
  ];
}

/** How a tensor is made and, beneath, how what earlier merges bring to it is; `forMany` leaves out names in models. */
function makingLines(tensor: TensorExplanation, forMany: boolean): readonly string[] {
  const { name, combination, base, sources } = tensor;
  const textOf = (source: TensorSource): string => sourceText(source, forMany ? source.name : name);
  const rows =
    combination === undefined
      ? [["copied from", textOf(sources[0]!)]]
      : [
          ...appliedRows("sparsify", combination.sparsify),
          ...appliedRows("merge", combination.merge),
          ...(base === undefined ? [] : [["base", textOf(base)]]),
          ...sources.map((source, number) => [`model ${number + 1}`, textOf(source)]),
        ];
  const earlier = [base, ...sources].flatMap((source) =>
    source?.madeOf === undefined
      ? []
      : [printable(`where ${modelText(source.model)} is`), ...indented(makingLines(source.madeOf, forMany))],
  );
  return [...tableLines(rows, ["left", "left"]), ...earlier];
}

function namesOf(alike: readonly TensorExplanation[]): readonly string[] {
  const names = alike.map(({ name, shape }) => printable(`${name} [${shape.join(", ")}]`));
  if (names.length <= maxNames) return names;
  return [...names.slice(0, maxNames - 1), `and ${countText(names.length - maxNames + 1)} more`];
}

/** A step: its formula, and its parameters' values, one per model where they have one. */
function appliedRows(step: "sparsify" | "merge", applied: AppliedMethod | undefined): readonly string[][] {
  if (applied === undefined) return [];
  const { method, parameters } = applied;
  const formula = (step === "merge" ? methods : sparsifiers).get(method)?.formula ?? "";
  const values = Object.entries(parameters).map(([name, value]) => [`  ${name}`, [value].flat().join(" ")]);
  return [[step, `${method}: ${formula}`], ...values];
}

/** The model, and the tensor's name in it where it has another one than the output's. */
function sourceText({ model, name, dtype }: TensorSource, output: string): string {
  const own = name === output ? "" : ` ${name}`;
  return `${modelText(model)}${own} ${dtype}`;
}
