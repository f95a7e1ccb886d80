import { type AppliedMethod, combinationName, modelText, type Plan } from "../index.ts";
import { flagText } from "./method-text.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { bytesText, countOf, countText } from "./quantities.ts";
import { indented, tableLines } from "./table.ts";

/** Files of a list that are named; of an output in a thousand shards the first few show the pattern. */
const maxListed = 20;

/** A plan as a person reads it: what is read, done and written, and what that takes. */
export function planLines(plan: Plan, paint: Paint): readonly string[] {
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ["Read", readLines(plan)],
    ["Merge", mergeLines(plan)],
    ["Write", writeLines(plan)],
    ["Copy", copyLines(plan)],
    ["Needs", needsLines(plan)],
  ];
  const lines = sections.flatMap(([title, body]) => [paint("bold", title), ...indented(body), ""]);
  return [...lines, paint("dim", `Nothing has been written. Plan ${plan.hash.slice(0, 16)}`)];
}

function readLines({ inputs, cost }: Plan): readonly string[] {
  return [
    `${countOf(inputs.length, "file")}, ${bytesText(cost.bytesRead)} of weights`,
    ...fileLines(inputs.map(({ path, size }) => [path, size])),
  ];
}

function mergeLines({ recipe, tasks }: Plan): readonly string[] {
  const copied = tasks.filter(({ combination }) => combination === undefined).length;
  const { sparsify, merge } = recipe.combination;
  const steps = [
    ...(sparsify === undefined ? [] : appliedRows("sparsify", sparsify)),
    ...appliedRows("merge", merge),
  ];
  const rows = [
    ["method", combinationName(recipe.combination)],
    // What a recipe file sets, it may set for each tensor and model; what the combination has are defaults.
    ...(recipe.source === undefined ? steps : [["values", "tensorweld explain tells them for each tensor"]]),
    ...(recipe.base === undefined ? [] : [["base", modelText(recipe.base)]]),
    ["seed", String(recipe.seed)],
    ["tensors", `${countText(tasks.length - copied)} merged, ${countText(copied)} copied`],
  ];
  return tableLines(rows, ["left", "left"]);
}

/** A sparsifier or a method, and beneath it its parameters, under the flags that set them. */
function appliedRows(label: string, { method, parameters }: AppliedMethod): readonly (readonly string[])[] {
  const rows = Object.entries(parameters).map(([name, value]) => [
    `  ${flagText(name)}`,
    [value].flat().join(" "),
  ]);
  return [[label, method], ...rows];
}

function writeLines({ shards, documents, schedule }: Plan): readonly string[] {
  return [
    printable(schedule.outputPath),
    ...fileLines([
      ...shards.map(({ name, size }) => [name, size] as const),
      ...documents.map(({ name, text }) => [name, new TextEncoder().encode(text).length] as const),
    ]),
  ];
}

function copyLines({ companions }: Plan): readonly string[] {
  return companions.length === 0 ? ["no other files"] : listed(companions.map(({ from }) => printable(from)));
}

function needsLines({ cost, schedule }: Plan): readonly string[] {
  const { workers, workerBytes } = schedule;
  return tableLines(
    [
      ["memory", `${bytesText(cost.peakBytes)}, of it ${bytesText(cost.bufferBytes)} of buffers`],
      ["disk", bytesText(cost.bytesWritten)],
      ["threads", `${countOf(workers, "worker")}, up to ${bytesText(workerBytes)} of buffers each`],
    ],
    ["left", "left"],
  );
}

function fileLines(files: readonly (readonly [name: string, bytes: number])[]): readonly string[] {
  const rows = files.map(([name, bytes]) => [name, bytesText(bytes)]);
  return indented(listed(tableLines(rows, ["left", "right"])));
}

function listed(lines: readonly string[]): readonly string[] {
  if (lines.length <= maxListed) return lines;
  return [...lines.slice(0, maxListed), `and ${countText(lines.length - maxListed)} more`];
}
