import { expect, test } from "vitest";

import { packPanels, packStrips } from "../../src/kernels/low-rank/pack.ts";

/** Rows of ten numbers each at most: that of row 2 and column 3 is 23. */
function numbered(rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, index) => {
    return Math.floor(index / columns) * 10 + (index % columns);
  });
}

test("a strip has the numbers of its rows side by side, and zeros for rows that are not there", () => {
  const into = new Float32Array(14).fill(7.5);
  packStrips({ numbers: numbered(6, 3), columns: 3 }, { from: 1, to: 4 }, 2, into);
  expect([...into]).toEqual([10, 20, 11, 21, 12, 22, 30, 0, 31, 0, 32, 0, 7.5, 7.5]);
});

test("a panel has the numbers of its columns side by side, and zeros for columns that are not there", () => {
  const into = new Float32Array(14).fill(7.5);
  packPanels({ numbers: numbered(3, 3), columns: 3 }, 2, into);
  expect([...into]).toEqual([0, 1, 10, 11, 20, 21, 2, 0, 12, 0, 22, 0, 7.5, 7.5]);
});
