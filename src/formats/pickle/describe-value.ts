import { shorten } from "../describe-json.ts";
import { Call, Dictionary, Extent, Float, Global, PersistentId, Sequence } from "./values.ts";
import type { OutOfBand, PickleValue } from "./values.ts";

/** A value as a message shows it, in Python's words and never into its depth: `the string "a"`, `a tuple of 3`. */
export function describeValue(value: PickleValue): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return `the string ${JSON.stringify(shorten(value))}`;
  if (typeof value !== "object") return shorten(String(value));
  if (value instanceof Float) return describeFloat(value);
  if (value instanceof Extent) return `${value.bytes} bytes${value.escape === undefined ? "" : " of text"}`;
  if (value instanceof Sequence) return `a ${value.kind} of ${value.items.length}`;
  if (value instanceof Dictionary) return `a dict of ${value.pairs.length}`;
  if (value instanceof Global) return value.name;
  if (value instanceof Call) return `an object made by ${value.global.name}`;
  if (value instanceof PersistentId) return "a reference to something outside the pickle";
  value satisfies OutOfBand;
  return "a buffer kept apart from the file";
}

/** Python writes 2.0 where JavaScript writes 2, which is something else there. */
function describeFloat({ value }: Float): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}
