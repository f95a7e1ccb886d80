import { printable } from "./printable.ts";

export type Alignment = "left" | "right";

/** Lines of aligned columns, two blanks between them; what is in the cells is made safe to print. */
export function tableLines(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
): readonly string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = alignments.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, (row[column] ?? "").length), 0),
  );
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

/** `lines`, each moved to the right by `columns` blanks. */
export function indented(lines: readonly string[], columns = 2): readonly string[] {
  return lines.map((line) => (line === "" ? line : " ".repeat(columns) + line));
}
