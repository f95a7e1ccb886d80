import type { AdapterSummary, Inspection, TensorInfo } from "../index.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { bytesText, countOf } from "./quantities.ts";
import { indented, tableLines } from "./table.ts";

/** Characters of a metadata value that are shown: more than what other tools write takes. */
const maxValueCharacters = 100;

/** A checkpoint as a person reads it: its tensors, its files, its metadata, and the totals last. */
export function inspectionLines(inspection: Inspection, paint: Paint): readonly string[] {
  const { tensors, files, metadata, format, path, quantisation, adapter } = inspection;
  const pairs = Object.entries(metadata).map(([key, value]) => [key, shortened(value)]);
  return [
    ...section("Tensors", tensorLines(tensors), paint),
    ...section(
      "Files",
      tableLines(
        files.map((file) => [file.path, bytesText(file.size)]),
        ["left", "right"],
      ),
      paint,
    ),
    ...(pairs.length === 0 ? [] : section("Metadata", tableLines(pairs, ["left", "left"]), paint)),
    paint("bold", printable(path)),
    ...indented([
      `${format}, ${countOf(files.length, "file")}`,
      ...(adapter === undefined ? [] : adapterLines(adapter)),
      ...(quantisation === undefined ? [] : [`quantised with ${printable(quantisation)}`]),
      ...totalLines(tensors),
    ]),
  ];
}

/** What an adapter does to its base, as far as it can be told without it. */
function adapterLines(adapter: AdapterSummary): readonly string[] {
  const { library, rank, alpha, baseModel, targets, modulesToSave, bias, patterns } = adapter;
  const kinds = [...(adapter.rsLora ? ["rsLoRA"] : []), ...(adapter.dora ? ["DoRA"] : [])];
  const kind = kinds.length === 0 ? "LoRA" : kinds.join(" and ");
  const others = patterns === 0 ? "" : `, others by ${countOf(patterns, "pattern")}`;
  const rows = [
    ["adapter", `${kind}, written by ${library}: rank ${rank}, alpha ${alpha}${others}`],
    [
      "changes",
      `${countOf(adapter.updated, "tensor")} updated, ${adapter.replaced} replaced; biases: ${bias}`,
    ],
    ...(baseModel === undefined ? [] : [["trained on", baseModel]]),
    ...(targets.length === 0 ? [] : [["targets", targets.join(", ")]]),
    ...(modulesToSave.length === 0 ? [] : [["trained whole", modulesToSave.join(", ")]]),
  ];
  return tableLines(rows, ["left", "left"]);
}

/** What there is room for of a value that no person reads: the provenance of a merge is JSON in one line. */
function shortened(value: string): string {
  if (value.length <= maxValueCharacters) return value;
  return `${value.slice(0, maxValueCharacters)}… (${countOf(value.length, "character")}, all with --json)`;
}

function section(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  return [paint("bold", title), ...indented(lines), ""];
}

function tensorLines(tensors: readonly TensorInfo[]): readonly string[] {
  const rows = tensors.map(({ name, dtype, shape, bytes }) => [
    name,
    dtype,
    `[${shape.join(", ")}]`,
    bytesText(bytes),
  ]);
  return tableLines(rows, ["left", "left", "left", "right"]);
}

interface Total {
  readonly tensors: number;
  readonly parameters: number;
  readonly bytes: number;
}

/** Totals by element type, and of all of them where there are several. */
function totalLines(tensors: readonly TensorInfo[]): readonly string[] {
  const dtypes = [...new Set(tensors.map(({ dtype }) => dtype))].toSorted();
  const rows = dtypes.map((dtype) =>
    totalRow(dtype, totalOf(tensors.filter((tensor) => tensor.dtype === dtype))),
  );
  const all = dtypes.length === 1 ? [] : [totalRow("in all", totalOf(tensors))];
  return tableLines([...rows, ...all], ["left", "right", "right", "right"]);
}

function totalOf(tensors: readonly TensorInfo[]): Total {
  return {
    tensors: tensors.length,
    parameters: sum(tensors.map(({ shape }) => shape.reduce((product, size) => product * size, 1))),
    bytes: sum(tensors.map(({ bytes }) => bytes)),
  };
}

function totalRow(name: string, { tensors, parameters, bytes }: Total): readonly string[] {
  return [name, countOf(tensors, "tensor"), countOf(parameters, "parameter"), bytesText(bytes)];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
