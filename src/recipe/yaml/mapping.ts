import { didYouMean } from "../../errors.ts";
import { recipeMethods } from "../../methods/recipe-methods.ts";
import { showValue } from "../show-value.ts";
import type { Complaints } from "./complaints.ts";
import { type KeyOf, keyTables, type MappingName } from "./keys.ts";
import { isNull, showTree } from "./scalars.ts";
import type { YamlEntry, YamlTree } from "./tree.ts";

/** A mapping's entries by key; a key without a value is absent. */
export type Fields<Name extends MappingName> = { readonly [Key in KeyOf<Name>]?: YamlEntry };

/** What a mapping is called in messages, with its article. */
const titles: Readonly<Record<MappingName, string>> = {
  document: "a recipe",
  module: "a module",
  model: "an item of models",
  slice: "a slice",
  source: "a source of a slice",
  modelMapping: "a model",
  locationMapping: "a place of a model",
  conditional: "a conditional value",
};

/**
 * The entries of the mapping called `name`, with complaints of keys that it does not have and of those that it lacks.
 * Undefined when it is no mapping at all.
 */
export function readMapping<Name extends MappingName>(
  tree: YamlTree,
  name: Name,
  complaints: Complaints,
): Fields<Name> | undefined {
  const table = keyTables[name];
  if (tree.kind !== "map") {
    const message = `expected ${titles[name]}, which is a mapping of ${keysText(name)}, got ${showTree(tree)}`;
    complaints.refuse(tree, { message });
    return undefined;
  }
  const fields: Record<string, YamlEntry> = {};
  for (const entry of tree.entries) {
    if (Object.hasOwn(table, entry.key) && !isNull(entry.value)) fields[entry.key] = entry;
  }
  for (const entry of tree.entries) {
    if (!Object.hasOwn(table, entry.key)) repair(fields, unknownKey(entry, name, complaints));
  }
  for (const [key, { required }] of Object.entries(table))
    if (required === true && !(key in fields)) missing(tree, key, name, complaints);
  return fields as Fields<Name>;
}

/** Adds the entry that is meant by one that was refused: what follows from its being missing is no second problem. */
function repair(fields: Record<string, YamlEntry>, meant: YamlEntry | undefined): void {
  if (meant === undefined) return;
  const { key, offset } = meant;
  if (!parameterNames.has(key)) fields[key] ??= meant;
  else {
    const before = fields["parameters"]?.value;
    const entries = before?.kind === "map" ? before.entries : [];
    fields["parameters"] = {
      key: "parameters",
      offset,
      value: { kind: "map", offset, entries: [...entries, meant] },
    };
  }
}

/** A list's items, or none, with a complaint, when it is something else. */
export function readList({ key, value }: YamlEntry, complaints: Complaints): readonly YamlTree[] {
  if (value.kind === "list") return value.items;
  complaints.refuse(value, { message: `${key}: expected a list, got ${showTree(value)}` });
  return [];
}

function missing(tree: YamlTree, key: string, name: MappingName, complaints: Complaints): void {
  const { doc } = keyTables[name][key]!;
  const message = `${titles[name]} without ${key}`;
  complaints.refuse(tree, { code: "request/missing-value", message, hint: `add ${key}: ${doc}` });
}

/** Complains of an entry; gives what is meant by it when it is refused and that can be told. */
function unknownKey(entry: YamlEntry, name: MappingName, complaints: Complaints): YamlEntry | undefined {
  const { meant, hint } = meaningOf(entry.key, name);
  const message = `${titles[name]} has no key ${showValue(entry.key)}`;
  const isRefused = complaints.refuseUnlessLenient(entry, { code: "request/unknown-key", message, hint });
  return isRefused && meant !== undefined ? { ...entry, key: meant } : undefined;
}

/** What a key that a mapping does not have is likely to mean: another of its keys, or a parameter. */
function meaningOf(key: string, name: MappingName): { readonly meant?: string; readonly hint: string } {
  const table = keyTables[name];
  const parameters: ReadonlySet<string> = "parameters" in table ? parameterNames : new Set();
  if (parameters.has(key)) return { meant: key, hint: `${key} is a parameter: write it in parameters:` };
  const likely = didYouMean(key, Object.keys(table));
  if (likely !== undefined) return { meant: likely, hint: `did you mean ${likely}?` };
  const owner = Object.entries(keyTables).find(([, keys]) => Object.hasOwn(keys, key))?.[0];
  if (owner !== undefined) return { hint: `${key} is a key of ${titles[owner as MappingName]}` };
  const parameter = didYouMean(key, parameters);
  if (parameter !== undefined)
    return { meant: parameter, hint: `did you mean ${parameter}, in parameters:?` };
  return { hint: `its keys are ${keysText(name)}` };
}

function keysText(name: MappingName): string {
  return Object.keys(keyTables[name]).join(", ");
}

/** All parameters of all methods, those without effect included. */
const parameterNames: ReadonlySet<string> = new Set(
  [...recipeMethods.values()].flatMap(({ parameters, idle }) => [
    ...Object.keys(parameters),
    ...Object.keys(idle ?? {}),
  ]),
);
