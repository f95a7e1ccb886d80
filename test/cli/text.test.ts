import { describe, expect, test } from "vitest";

import { jsonText, printable } from "../../src/cli/printable.ts";
import { progressText, startProgress } from "../../src/cli/progress.ts";
import { bytesText, countOf, durationText, rateText } from "../../src/cli/quantities.ts";
import { tableLines } from "../../src/cli/table.ts";
import { paintFor } from "../../src/cli/paint.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.00 kB"],
  [9_999, "10.0 kB"],
  [99_960, "100 kB"],
  [999_499, "999 kB"],
  [999_500, "1.00 MB"],
  [1_234_567_890, "1.23 GB"],
  [5e15, "5.00 PB"],
  [5e18, "5000 PB"],
])("%i bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, "0.00 s"],
  [9.994, "9.99 s"],
  [9.996, "10.0 s"],
  [59.96, "1m 00s"],
  [130, "2m 10s"],
  [3599.6, "1h 00m"],
  [3725, "1h 02m"],
  [360_000, "100h 00m"],
])("%f seconds are %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test("rates and counts", () => {
  expect([rateText(2.5e9, 2), rateText(0, 1), rateText(1e6, 1), rateText(5, 0)]).toEqual([
    "1.25 GB/s",
    "0.00 GB/s",
    "0.0010 GB/s",
    "0.00 GB/s",
  ]);
  expect([countOf(1, "file"), countOf(12_345, "file")]).toEqual(["1 file", "12,345 files"]);
});

test("what a terminal would obey is shown instead", () => {
  expect(printable("a\u001b[31m\u007f\u009b\u202e\u2066\r\n\ud800é漢🦙")).toBe(
    "a\\u001b[31m\\u007f\\u009b\\u202e\\u2066\\u000d\\u000a\\ud800é漢🦙",
  );
  expect(JSON.parse(jsonText({ "\u202e": ["\u009b"] }))).toEqual({ "\u202e": ["\u009b"] });
});

test("columns are as wide as their widest cell", () => {
  const rows = [
    ["a", "1"],
    ["long\n", "23"],
    ["", "456"],
  ];
  expect(tableLines(rows, ["left", "right"])).toEqual([
    "a             1",
    "long\\u000a   23",
    "            456",
  ]);
});

describe("progress", () => {
  const half = { bytesDone: 5e9, bytesTotal: 10e9, tensorsDone: 120, tensorsTotal: 1200 };

  test.each([120, 80, 60, 40, 20, 1])("fits %i columns", (columns) => {
    const line = progressText(half, 4, columns);
    expect(line.length).toBeLessThan(columns);
    expect(line).toMatchSnapshot();
  });

  test("without bytes, and before the first of them", () => {
    const nothing = { bytesDone: 0, bytesTotal: 0, tensorsDone: 0, tensorsTotal: 0 };
    expect(progressText(nothing, 0, 40)).toMatchInlineSnapshot(`"█████████ 100 %  0.00 GB/s  0.00 s left"`);
    expect(progressText({ ...half, bytesDone: 0 }, 1, 60)).toMatchInlineSnapshot(
      `"░░░░░░░░░░░░░░░░░░░░░░░   0 %  0.00 GB/s  120/1,200 tensors"`,
    );
  });

  /** What is shown when a merge takes `seconds`, with news every 20 milliseconds. */
  function shown(tty: boolean, seconds: number): { readonly statuses: string[]; readonly lines: string[] } {
    let time = 0;
    const statuses: string[] = [];
    const lines: string[] = [];
    const plain = paintFor(false);
    const progress = startProgress(
      {
        out: () => undefined,
        err: (text) => void lines.push(text),
        status: (line) => void statuses.push(line),
        tty,
        width: 80,
        outPaint: plain,
        errPaint: plain,
      },
      () => time,
    );
    for (; time <= seconds * 1000; time += 20) progress.update(half);
    progress.end();
    return { statuses, lines };
  }

  test("is redrawn ten times a second on a terminal, and removed", () => {
    const { statuses, lines } = shown(true, 2);
    expect([statuses.length, statuses.at(-1), lines]).toEqual([21, "", []]);
  });

  test("is a line every ten seconds elsewhere", () => {
    expect(shown(false, 9.9).lines).toEqual([]);
    expect(shown(false, 31).lines).toEqual([
      "50 %  0.50 GB/s  10.0 s left  120/1,200 tensors",
      "50 %  0.25 GB/s  20.0 s left  120/1,200 tensors",
      "50 %  0.17 GB/s  30.0 s left  120/1,200 tensors",
    ]);
  });
});
