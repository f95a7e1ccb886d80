import fc from "fast-check";
import { expect, test } from "vitest";

import { TILE_COLUMNS, TILE_ROWS, tilesOf } from "../../src/kernels/low-rank/tiles.ts";

test("tiles hold every element of a run once, no row without any, and stay within their bounds", () => {
  const columnCounts = fc.oneof(
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: TILE_COLUMNS - 20, max: TILE_COLUMNS + 20 }),
    fc.constantFrom(TILE_COLUMNS, 2 * TILE_COLUMNS, 5000),
  );
  fc.assert(
    fc.property(columnCounts, fc.nat({ max: 20_000 }), fc.nat({ max: 50_000 }), (columns, first, length) => {
      const held = new Uint8Array(length);
      let emptyRows = 0;
      for (const tile of tilesOf(first, first + length, columns)) {
        expect(tile.row).toBeGreaterThanOrEqual(0);
        expect(tile.rows).toBeLessThanOrEqual(TILE_ROWS);
        expect(tile.columns).toBeLessThanOrEqual(TILE_COLUMNS);
        expect(tile.column + tile.columns).toBeLessThanOrEqual(columns);
        for (let row = tile.row; row < tile.row + tile.rows; row++) {
          const start = Math.max(first, row * columns + tile.column);
          const end = Math.min(first + length, row * columns + tile.column + tile.columns);
          if (start >= end) emptyRows++;
          for (let element = start; element < end; element++) held[element - first]!++;
        }
      }
      expect(emptyRows).toBe(0);
      expect(held.every((times) => times === 1)).toBe(true);
    }),
    { seed: 20_251_123, numRuns: 200 },
  );
});

test("a short run within a long row takes one tile", () => {
  const tiles = [...tilesOf(500_000, 500_100, 150_000)];
  expect(tiles).toEqual([{ row: 3, rows: 1, column: 49_152, columns: 2048 }]);
});
