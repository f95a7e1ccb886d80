import { shorten } from "../describe-json.ts";
import { describeValue } from "../pickle/describe-value.ts";
import { Sequence } from "../pickle/values.ts";
import type { PickleValue } from "../pickle/values.ts";

/** Items shown of one tuple or list; tensors have some four axes, references to storages five parts. */
const maxItems = 8;

/** A tuple or list as Python shows it, with its first items: `(2, 3)`, `[2]`; any other value as an item. */
export function describeItems(value: PickleValue): string {
  if (!(value instanceof Sequence)) return describeItem(value);
  const { items, kind } = value;
  const shown =
    items.slice(0, maxItems).map(describeItem).join(", ") + (items.length > maxItems ? ", …" : "");
  if (kind === "list") return `[${shown}]`;
  return kind === "tuple" ? `(${shown}${items.length === 1 ? "," : ""})` : describeValue(value);
}

/** A value in a list or dict: texts in quotes, all else as `describeValue` does. */
export function describeItem(value: PickleValue): string {
  return typeof value === "string" ? JSON.stringify(shorten(value)) : describeValue(value);
}
