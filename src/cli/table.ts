import { printable } from "./printable.ts";

export type Alignment = "left" | "right";

/** Characters of a cell that are shown. A name of a tensor can have millions, a path on Linux 4,096. */
const maxCellCharacters = 5000;

/** Characters that a column has at most. Longer cells stand out of it: one such name must not widen a million lines. */
const maxColumnCharacters = 160;

/** Lines of aligned columns, two blanks between them; what is in the cells is made safe to print. */
export function tableLines(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => printable(shortened(cell))));
  const widths = alignments.map((_, column) => {
    const lengths = cells.map((row) => (row[column] ?? "").length);
    return lengths.reduce(
      (widest, length) => (length > maxColumnCharacters ? widest : Math.max(widest, length)),
      0,
    );
  });
  return cells.map((row) =>
    alignments
      .map((alignment, column) => {
        const cell = row[column] ?? "";
        const width = widths[column] ?? 0;
        return alignment === "left" ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
}

function shortened(cell: string): string {
  return cell.length <= maxCellCharacters ? cell : `${cell.slice(0, maxCellCharacters)}…`;
}

/** `lines`, each moved to the right by `columns` blanks. */
export function indented(lines: readonly string[], columns = 2): readonly string[] {
  return lines.map((line) => (line === "" ? line : " ".repeat(columns) + line));
}
