import type { Precision } from "../../dtype.ts";
import type { Structure } from "../../formula/stage.ts";
import type { ValueType } from "./assemble.ts";

/** The numbers of the parameters of a kernel's function; inputs are numbered from 0. Addresses are in bytes. */
export interface Parameters {
  readonly types: readonly ValueType[];
  /** Address of the output. */
  readonly output: number;
  /** Address for the lanes of the reductions, `LANES_BYTES` each. */
  readonly lanes: number;
  /** Whole steps to compute. */
  readonly steps: number;
  /** Elements of a last step, 0 to 15: only they are reduced, while a whole step is written. */
  readonly rest: number;
  /** Lower and upper word of the first counter of random numbers. */
  readonly counter: readonly [number, number];
  /** Address of each tree. */
  readonly trees: readonly number[];
  /** Address of each tally's counts, as if they began with the tree's root. */
  readonly tallies: readonly number[];
  readonly keys: readonly (readonly [number, number])[];
  readonly scalars: readonly number[];
}

export function parametersOf(structure: Structure, inputs: number, precision: Precision): Parameters {
  const types: ValueType[] = [];
  const take = (type: ValueType): number => types.push(type) - 1;
  const several = (count: number, type: ValueType): readonly number[] =>
    Array.from({ length: count }, () => take(type));
  several(inputs, "i32");
  return {
    types,
    output: take("i32"),
    lanes: take("i32"),
    steps: take("i32"),
    rest: take("i32"),
    counter: [take("i32"), take("i32")],
    trees: several(structure.trees, "i32"),
    tallies: several(structure.tallies.length, "i32"),
    keys: Array.from({ length: structure.streams }, () => [take("i32"), take("i32")] as const),
    scalars: several(structure.scalars, precision === "float32" ? "f32" : "f64"),
  };
}
