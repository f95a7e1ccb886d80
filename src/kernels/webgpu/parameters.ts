import type { Structure } from "../../formula/stage.ts";
import type { KernelArguments } from "../backend.ts";

/** The words of a kernel's parameters, by their numbers. */
export interface Parameters {
  /** Always zero, which the compiler of a shader can't know: see `FLOAT32`. */
  readonly zero: 0;
  readonly elements: number;
  /** Lower and upper word of the first quad's counter of random numbers. */
  readonly counter: readonly [number, number];
  /** The word of the inputs that each of them begins at. */
  readonly inputs: readonly number[];
  /** The word that each tree begins at. */
  readonly trees: readonly number[];
  /** The word that each tally's counts begin at, as if they began with the tree's root. */
  readonly tallies: readonly number[];
  readonly keys: readonly (readonly [number, number])[];
  readonly scalars: readonly number[];
  /** How many words there are. */
  readonly length: number;
}

export function parametersOf({ trees, tallies, streams, scalars }: Structure, inputs: number): Parameters {
  let length = 0;
  const take = (): number => length++;
  const several = (count: number): readonly number[] => Array.from({ length: count }, take);
  take();
  const places = {
    elements: take(),
    counter: [take(), take()] as const,
    inputs: several(inputs),
    trees: several(trees),
    tallies: several(tallies.length),
    keys: Array.from({ length: streams }, () => [take(), take()] as const),
    scalars: several(scalars),
  };
  return { zero: 0, ...places, length };
}

/** Where a run's data begins, in words; see `Parameters`. */
export interface Placement {
  readonly inputs: readonly number[];
  readonly trees: readonly number[];
  readonly tallies: readonly number[];
}

/** The words of the parameters of a run. */
export function parameterWords(
  parameters: Parameters,
  { inputs, trees, tallies }: Placement,
  { elements, firstElement, scalars, keys }: Omit<KernelArguments, "trees">,
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(parameters.length);
  const set = (numbers: readonly number[], values: readonly number[]): void =>
    numbers.forEach((number, index) => (words[number] = values[index]!));
  const counter = firstElement / 4;
  words[parameters.elements] = elements;
  set(parameters.counter, [counter % 2 ** 32, Math.floor(counter / 2 ** 32)]);
  set(parameters.inputs, inputs);
  set(parameters.trees, trees);
  set(parameters.tallies, tallies);
  set(parameters.keys.flat(), keys.flat());
  set(parameters.scalars, [...new Uint32Array(Float32Array.from(scalars).buffer)]);
  return words;
}
