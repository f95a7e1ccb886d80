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

/** Equal for tensors that differ in nothing but their names and shapes. */
function makingKey({ combination, base, sources, dtype, position }: TensorExplanation): string {
  const models = [base, ...sources].map((source) => source && [source.model, source.dtype]);
  // Where nothing depends on the depth, layers are made alike.
  return JSON.stringify([combination, models, dtype, combination === undefined ? 0 : position]);
}

function groupLines(alike: readonly TensorExplanation[], paint: Paint): readonly string[] {
  const { combination, base, sources, dtype, position } = alike[0]!;
  const makings =
    combination === undefined
      ? [["copied from", sourceText(sources[0]!, alike)]]
      : [
          ...appliedRows("sparsify", combination.sparsify),
          ...appliedRows("merge", combination.merge),
          ...(base === undefined ? [] : [["base", sourceText(base, alike)]]),
          ...sources.map((source, number) => [`model ${number + 1}`, sourceText(source, alike)]),
        ];
  const place = position > 0 ? `, at ${Number(position.toPrecision(4))} of the layers` : "";
  return [
    paint("bold", `${countOf(alike.length, "tensor")} of ${dtype}${place}`),
    ...indented(namesOf(alike)),
    ...indented(tableLines(makings, ["left", "left"])),
  ];
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
function sourceText({ model, name, dtype }: TensorSource, alike: readonly TensorExplanation[]): string {
  const own = alike.length > 1 || name === alike[0]!.name ? "" : ` ${name}`;
  return `${modelText(model)}${own} ${dtype}`;
}
