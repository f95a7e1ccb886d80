import { Help } from "commander";

/** Columns beyond which lines of text get hard to read. */
const maxColumns = 110;

/** A term and what it means. */
export type Item = readonly [term: string, doc: string];

/** Lays prose out in the columns of a terminal. */
export interface Layout {
  /** `text` on as many lines as it takes. */
  paragraph(text: string): readonly string[];
  /** Terms, indented, with what they mean beside them; `termWidth` lines several lists up. */
  items(items: readonly Item[], termWidth?: number): readonly string[];
}

export function layoutFor(columns: number): Layout {
  const help = new Help();
  const width = Math.min(columns, maxColumns);
  help.helpWidth = width;
  help.minWidthToWrap = 20;
  return {
    paragraph: (text) => help.boxWrap(text, width).split("\n"),
    items: (items, termWidth = widestTerm(items)) =>
      items.flatMap(([term, doc]) => help.formatItem(term, termWidth, doc, help).split("\n")),
  };
}

export function widestTerm(items: readonly Item[]): number {
  return items.reduce((widest, [term]) => Math.max(widest, term.length), 0);
}
