import { shorten } from "../describe-json.ts";
import type { ProblemList } from "../problem-list.ts";
import type { DataSpan } from "./entry.ts";

/** All spans of a file and the room they have. */
export interface SpanTable {
  readonly spans: readonly DataSpan[];
  /** False when something is wrong with an entry: what looks like a gap may be where its bytes are. */
  readonly complete: boolean;
  /** Bytes between the header and the end of the file. */
  readonly dataBytes: number;
}

/**
 * Checks that the spans cover a file's data once each: no overlap, no gap, first at 0, last at the file's end.
 * Bytes that belong to no tensor, or to two, are how a file hides something or how a writer shows it is broken.
 */
export function checkSpans(table: SpanTable, problems: ProblemList): void {
  const sorted = table.spans.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let furthest: DataSpan = { name: "", begin: 0, end: 0 };
  for (const span of sorted) {
    if (span.begin < furthest.end) addOverlap(span, furthest, problems);
    if (span.begin > furthest.end && table.complete) addGap(span, furthest.end, problems);
    if (span.end >= furthest.end) furthest = span;
  }
  if (furthest.end > table.dataBytes) addTruncation(furthest, table.dataBytes, problems);
  if (furthest.end < table.dataBytes && table.complete) addSurplus(furthest.end, table.dataBytes, problems);
}

function addOverlap(span: DataSpan, earlier: DataSpan, problems: ProblemList): void {
  const other = `those of tensor ${JSON.stringify(shorten(earlier.name))}, [${earlier.begin}, ${earlier.end}]`;
  const message = `data_offsets [${span.begin}, ${span.end}] overlap ${other}`;
  problems.add({ code: "safetensors/overlap", tensor: span.name, message });
}

function addGap(span: DataSpan, covered: number, problems: ProblemList): void {
  const bytes = span.begin - covered;
  const message = `data_offsets begin at ${span.begin}, but the data before end at ${covered}; bytes of no tensor: ${bytes}`;
  problems.add({ code: "safetensors/gap", tensor: span.name, message });
}

function addTruncation(last: DataSpan, dataBytes: number, problems: ProblemList): void {
  problems.add({
    code: "safetensors/file-end",
    tensor: last.name,
    message: `data_offsets end at ${last.end}, but the file's data at ${dataBytes}; bytes missing: ${last.end - dataBytes}`,
    hint: "the file was cut short: download or copy it again",
  });
}

function addSurplus(covered: number, dataBytes: number, problems: ProblemList): void {
  problems.add({
    code: "safetensors/file-end",
    message: `the last tensor ends at ${covered}, but the file's data at ${dataBytes}; bytes of no tensor: ${dataBytes - covered}`,
    hint: "the file was written by a broken program, or changed afterwards",
  });
}
