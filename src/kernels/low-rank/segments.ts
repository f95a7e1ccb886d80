/** A part of a run of a matrix's elements that lies in one row. */
export interface Segment {
  readonly row: number;
  /** Of its first element. */
  readonly column: number;
  /** Position of its first element in the run. */
  readonly start: number;
  readonly length: number;
}

/** The run of `elements` elements from number `first` on, in a row-major matrix of `columns` columns, row by row. */
export function* segments(first: number, elements: number, columns: number): Generator<Segment> {
  for (let start = 0; start < elements;) {
    const row = Math.floor((first + start) / columns);
    const column = first + start - row * columns;
    const length = Math.min(columns - column, elements - start);
    yield { row, column, start, length };
    start += length;
  }
}
