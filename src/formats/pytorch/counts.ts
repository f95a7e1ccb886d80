import { Sequence } from "../pickle/values.ts";
import type { PickleValue } from "../pickle/values.ts";

/** What `isCount` holds for, as messages say it. */
export const countWanted = "a whole number from 0 to 2^53 - 1";

/** Axes of a tensor. NumPy has no more either; of a hostile file, every tensor would take memory for all its own. */
const maxAxes = 64;

/** What `countsOf` reads, as messages say it. */
export const countsWanted = `a tuple of at most ${maxAxes} whole numbers from 0 to 2^53 - 1`;

/** Whether a value counts something: elements, or steps between them. */
export function isCount(value: PickleValue | undefined): value is number {
  return typeof value === "number" && value >= 0;
}

/** One count for each axis of a tensor; undefined when `value` is something else. */
export function countsOf(value: PickleValue): readonly number[] | undefined {
  if (!(value instanceof Sequence) || value.kind !== "tuple" || value.items.length > maxAxes)
    return undefined;
  const counts = value.items.filter(isCount);
  return counts.length === value.items.length ? counts : undefined;
}
