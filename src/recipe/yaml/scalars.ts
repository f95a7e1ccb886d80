import { showValue } from "../show-value.ts";
import type { YamlTree } from "./tree.ts";

// What a plain text means differs between versions of YAML, and mergekit reads 1.1: there `yes` is true and `010` is 8.
// Words are read as there; numbers that the versions read differently are none here.

/** Whether nothing is written, or null: mergekit takes the key for absent. */
export function isNull(tree: YamlTree): boolean {
  return tree.kind === "scalar" && tree.isPlain && /^(~|null|Null|NULL|)$/.test(tree.text);
}

/** The text of a single value; undefined for a list, a mapping or null. */
export function textOf(tree: YamlTree): string | undefined {
  return tree.kind === "scalar" && !isNull(tree) ? tree.text : undefined;
}

/** The finite number that is written, in quotes or not; undefined when it is none. */
export function numberOf(tree: YamlTree): number | undefined {
  if (tree.kind !== "scalar") return undefined;
  if (!/^[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(tree.text)) return undefined;
  const value = Number(tree.text);
  if (!Number.isFinite(value)) return undefined;
  // JSON has no negative zero: what is recorded could not be read back as it was.
  return value === 0 ? 0 : value;
}

const words: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["no", false],
  ["off", false],
]);

/** The truth value that is written without quotes; undefined when it is none. */
export function booleanOf(tree: YamlTree): boolean | undefined {
  const isWord = tree.kind === "scalar" && tree.isPlain && /^([a-z]+|[A-Z][a-z]*|[A-Z]+)$/.test(tree.text);
  return isWord ? words.get(tree.text.toLowerCase()) : undefined;
}

/** A value as a message shows it. */
export function showTree(tree: YamlTree): string {
  if (tree.kind === "list") return tree.items.length === 0 ? "an empty list" : "a list";
  if (tree.kind === "map") return "a mapping";
  if (isNull(tree)) return "nothing";
  return showValue(numberOf(tree) ?? tree.text);
}
