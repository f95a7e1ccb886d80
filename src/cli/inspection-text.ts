import type { Inspection, TensorInfo } from "../index.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { bytesText, countOf } from "./quantities.ts";
import { indented, tableLines } from "./table.ts";

/** A checkpoint as a person reads it: its tensors, its files, its metadata, and the totals last. */
export function inspectionLines(inspection: Inspection, paint: Paint): readonly string[] {
  const { tensors, files, metadata, format, path, quantisation } = inspection;
  const pairs = Object.entries(metadata);
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
      ...(quantisation === undefined ? [] : [`quantised with ${printable(quantisation)}`]),
      ...totalLines(tensors),
    ]),
  ];
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
