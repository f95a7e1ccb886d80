import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { LowRankProduct, ProductRun } from "../../src/kernels/low-rank/product.ts";
import { createReferenceProduct } from "../../src/kernels/low-rank/reference.ts";
import { TILE_COLUMNS, TILE_ROWS } from "../../src/kernels/low-rank/tiles.ts";
import { createLowRankProduct } from "../../src/kernels/low-rank/wasm.ts";
import { randomBytes } from "../support/random-bytes.ts";

const products: Readonly<Record<string, LowRankProduct>> = {
  reference: createReferenceProduct(),
  wasm: await createLowRankProduct(),
};

interface Shape {
  readonly rows: number;
  readonly rank: number;
  readonly columns: number;
}

interface Factors extends Shape {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

/** Numbers of every pattern of bits: any exponent, infinities, NaN. */
function anyFloats(length: number, seed: number): Float32Array {
  return new Float32Array(randomBytes(length * 4, seed).buffer, 0, length);
}

/** Numbers from -1 to 1, whose products and sums round all the time. */
function tameFloats(length: number, seed: number): Float32Array {
  const words = new Int32Array(randomBytes(length * 4, seed).buffer, 0, length);
  return Float32Array.from(words, (word) => word / 2 ** 31);
}

function factorsOf(shape: Shape, seed: number, floats = tameFloats): Factors {
  const { rows, rank, columns } = shape;
  return { ...shape, left: floats(rows * rank, seed), right: floats(rank * columns, seed + 1) };
}

/** A run of a product whose right factor was set; `into` in the middle of other numbers, which must stay. */
function multiplied(product: LowRankProduct, run: Omit<ProductRun, "into">, length: number): Float32Array {
  const guard = 40;
  const around = new Float32Array(length + 2 * guard).fill(7.5);
  product.multiply({ ...run, into: around.subarray(guard, guard + length) });
  const others = [...around.subarray(0, guard), ...around.subarray(guard + length)];
  if (others.some((number) => number !== 7.5)) expect.fail("numbers outside `into` were written");
  return around.slice(guard, guard + length);
}

/** The position of the first element that differs, zeros of different sign included; -1 when none does. */
function firstDifference(found: Float32Array, wanted: Float32Array): number {
  return found.findIndex((number, index) => !Object.is(number, wanted[index]));
}

/** Checks that a run comes out of WebAssembly as the reference has it, whose right factor must be the same. */
function expectSameRun({ left, rank, columns }: Factors, first: number, length: number, scale = 0.3): void {
  const firstRow = Math.floor(first / columns);
  const run = { left: left.subarray(firstRow * rank), firstRow, first, scale };
  const [wanted, found] = [products["reference"]!, products["wasm"]!].map((product) =>
    multiplied(product, run, length),
  );
  const at = firstDifference(found!, wanted!);
  if (at !== -1) {
    const place = `element ${at} of ${length} from ${first} on, rank ${rank}, ${columns} columns`;
    expect.fail(`${place}: ${found![at]}, not ${wanted![at]}`);
  }
}

function setRight({ right, rank, columns }: Factors): void {
  for (const product of Object.values(products)) product.setRight(right, rank, columns);
}

describe.each(Object.entries(products))("%s", (_, product) => {
  test("is close to what float64 gives", () => {
    const { left, right, rows, rank, columns } = factorsOf({ rows: 37, rank: 65, columns: 41 }, 1);
    product.setRight(right, rank, columns);
    const found = multiplied(product, { left, firstRow: 0, first: 0, scale: 0.25 }, rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let k = 0; k < rank; k++) sum += left[row * rank + k]! * right[k * columns + column]!;
        // Each of 65 sums below 65 rounds by 2^-19 at most; a quarter of that is left.
        expect(Math.abs(found[row * columns + column]! - sum * 0.25)).toBeLessThan(65 * 2 ** -21);
      }
    }
  });

  test.each([
    ["k ascends", [1, 1, 1], [1e8, 1, -1e8], 1, 0],
    ["k ascends, the other way round", [1, 1, 1], [1e8, -1e8, 1], 1, 1],
    ["a product is rounded before it is added", [-1, 1 + 2 ** -12], [1 + 2 ** -11, 1 + 2 ** -12], 1, 0],
    ["the scale is rounded first", [1], [2 ** 24], 2 ** -24 + 2 ** -50, 1],
    ["the scale comes last", [1, 1], [3e38, 3e38], 0.5, Infinity],
    ["a sum starts from zero", [-1], [0], 1, 0],
    ["zero may be scaled to minus zero", [1], [0], -1, -0],
  ])("%s", (_name, left, right, scale, wanted) => {
    product.setRight(Float32Array.from(right), right.length, 1);
    const run = { left: Float32Array.from(left), firstRow: 0, first: 0, scale };
    expect([...multiplied(product, run, 1)]).toEqual([wanted]);
  });

  test("keeps the right factor that it was given", () => {
    const right = Float32Array.of(2, 3);
    product.setRight(right, 1, 2);
    right.fill(0);
    const run = { left: Float32Array.of(10, 100), firstRow: 0, first: 0, scale: 1 };
    expect([...multiplied(product, run, 4)]).toEqual([20, 30, 200, 300]);
    expect([...multiplied(product, run, 4)]).toEqual([20, 30, 200, 300]);
  });

  test("takes a left factor that begins above the run and ends below it", () => {
    product.setRight(Float32Array.of(1, 2), 1, 2);
    const run = { left: Float32Array.of(3, 4, 5, 6), firstRow: 10, first: 23, scale: 1 };
    expect([...multiplied(product, run, 2)]).toEqual([8, 5]);
  });

  test("fills a run of no elements", () => {
    product.setRight(Float32Array.of(1, 2), 1, 2);
    const run = { left: Float32Array.of(3), firstRow: 10, first: 20, scale: 1 };
    expect([...multiplied(product, run, 0)]).toEqual([]);
  });

  test("refuses a run that its left factor has not all rows of", () => {
    product.setRight(new Float32Array(6), 2, 3);
    const run = { left: new Float32Array(4), firstRow: 5, scale: 1 };
    expect(() => multiplied(product, { ...run, first: 14 }, 1)).toThrow(/from row 4 to 5/);
    expect(() => multiplied(product, { ...run, first: 15 }, 7)).toThrow(/from row 5 to 8/);
    expect(() => multiplied(product, { ...run, first: 15 }, 6)).not.toThrow();
  });

  test.each([
    [6, 2, 2],
    [0, 0, 3],
    [0, 3, 0],
  ])("refuses a right factor of %i numbers as %i rows of %i", (length, rank, columns) => {
    expect(() => product.setRight(new Float32Array(length), rank, columns)).toThrow(/right factor/);
  });
});

test("a product is nothing without a right factor", async () => {
  const run = { left: new Float32Array(1), firstRow: 0, first: 0, scale: 1, into: new Float32Array(1) };
  expect(() => createReferenceProduct().multiply(run)).toThrow(/without a right factor/);
  const product = await createLowRankProduct();
  expect(() => product.multiply(run)).toThrow(/without a right factor/);
});

describe("wasm equals the reference bit for bit", () => {
  const lengths = Array.from({ length: 17 }, (_, index) => index + 1);

  test.each(lengths)("%i rows, all ranks and columns up to 17", (rows) => {
    for (const rank of lengths) {
      for (const columns of lengths) {
        const factors = factorsOf({ rows, rank, columns }, rows * 400 + rank * 20 + columns);
        setRight(factors);
        expectSameRun(factors, 0, rows * columns);
      }
    }
  });

  test.each([
    { rows: 9, rank: 3, columns: 1 },
    { rows: 1, rank: 3, columns: 29 },
    { rows: 7, rank: 2, columns: 9 },
    { rows: 4, rank: 5, columns: 16 },
  ])("runs from anywhere to anywhere, $rows x $rank x $columns", (shape) => {
    const factors = factorsOf(shape, 3);
    setRight(factors);
    const elements = shape.rows * shape.columns;
    for (let first = 0; first < elements; first++) {
      for (let end = first; end <= elements; end++) expectSameRun(factors, first, end - first);
    }
  });

  test.each([
    { rows: 2 * TILE_ROWS + 7, rank: 3, columns: 2 * TILE_COLUMNS + 50 },
    { rows: 2 * TILE_ROWS, rank: 2, columns: TILE_COLUMNS },
    { rows: 2 * TILE_ROWS + 1, rank: 2, columns: TILE_COLUMNS + 1 },
  ])("runs that begin and end next to the edges of tiles, $rows x $rank x $columns", (shape) => {
    const factors = factorsOf(shape, 4);
    setRight(factors);
    const { rows, columns } = shape;
    const edges = [0, TILE_ROWS * columns, (TILE_ROWS + 3) * columns + TILE_COLUMNS, rows * columns];
    const cuts = edges.flatMap((edge) => [edge - 1, edge, edge + 1]);
    const inside = cuts.filter((cut) => cut >= 0 && cut <= rows * columns);
    for (const first of inside) {
      for (const end of inside.filter((cut) => cut >= first)) expectSameRun(factors, first, end - first);
    }
  });

  test("runs within a very long row, and from it to the next", () => {
    const factors = factorsOf({ rows: 3, rank: 2, columns: 150_000 }, 5);
    setRight(factors);
    for (const first of [0, 150_000, 200_001, 131_072]) expectSameRun(factors, first, 65_536);
    expectSameRun(factors, 140_000, 310_000);
    expectSameRun(factors, 149_999, 2);
  });

  test("a high rank, then a low one again", () => {
    for (const rank of [1000, 1, 257]) {
      const factors = factorsOf({ rows: 5, rank, columns: 70 }, 6);
      setRight(factors);
      expectSameRun(factors, 3, 300);
    }
  });

  test("a run far into a huge product", () => {
    const factors = factorsOf({ rows: 3, rank: 2, columns: 11_008 }, 7);
    setRight(factors);
    const firstRow = 4_000_000;
    const run = { left: factors.left, firstRow, first: firstRow * 11_008 + 77, scale: 1 };
    const [wanted, found] = Object.values(products).map((product) => multiplied(product, run, 30_000));
    expect(firstDifference(found!, wanted!)).toBe(-1);
  });

  test("any numbers at all", () => {
    const length = fc.integer({ min: 1, max: 40 });
    const shapes = fc.record({ rows: length, rank: length, columns: length });
    const cut = fc.double({ min: 0, max: 1, noNaN: true });
    const scales = fc.oneof(fc.constantFrom(1, 0, -0, Infinity, NaN), fc.float());
    fc.assert(
      fc.property(shapes, fc.nat(), cut, cut, scales, fc.boolean(), (shape, seed, from, to, scale, tame) => {
        const factors = factorsOf(shape, seed, tame ? tameFloats : anyFloats);
        setRight(factors);
        const elements = shape.rows * shape.columns;
        const first = Math.floor(Math.min(from, to) * elements);
        expectSameRun(factors, first, Math.floor(Math.max(from, to) * elements) - first, scale);
      }),
      { seed: 20_251_123, numRuns: 500 },
    );
  });
});
