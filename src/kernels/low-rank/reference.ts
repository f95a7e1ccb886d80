import { checkRight, checkRun, type LowRankProduct, type RightShape } from "./product.ts";

/** The product that defines the answer: one element after the other, slowly and obviously. */
export function createReferenceProduct(): LowRankProduct {
  let right = new Float32Array(0);
  let shape: RightShape | undefined;

  return {
    setRight(factor, rank, columns) {
      shape = checkRight(factor, rank, columns);
      right = factor.slice();
    },
    multiply(run) {
      const { rank, columns } = checkRun(run, shape);
      const { left, firstRow, first, into } = run;
      const scale = Math.fround(run.scale);
      for (let index = 0; index < into.length; index++) {
        const row = Math.floor((first + index) / columns) - firstRow;
        const column = (first + index) % columns;
        let sum = 0;
        for (let k = 0; k < rank; k++) {
          // What float64 gives, rounded, is what float32 gives: it has more than twice as many bits.
          const product = Math.fround(left[row * rank + k]! * right[k * columns + column]!);
          sum = Math.fround(sum + product);
        }
        into[index] = Math.fround(sum * scale);
      }
    },
  };
}
