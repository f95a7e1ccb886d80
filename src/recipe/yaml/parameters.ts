import { didYouMean } from "../../errors.ts";
import { type RecipeMethod, recipeMethods, type RecipeParameter } from "../../methods/recipe-methods.ts";
import { showValue } from "../show-value.ts";
import type { Complaints } from "./complaints.ts";
import { showTree } from "./scalars.ts";
import type { Spot, YamlEntry } from "./tree.ts";
import { type Choice, readChoices } from "./values.ts";

/** What a recipe sets a parameter to in one place. */
export interface ParameterSetting extends Spot {
  /** In the words of the recipe. */
  readonly name: string;
  readonly parameter: RecipeParameter;
  /** The first that applies to a tensor holds. */
  readonly choices: readonly Choice[];
}

/** Whom a place speaks of: one model, or all that are merged. */
export type Scope = "one model" | "all models";

/**
 * The settings of `parameters:` in one place of a recipe, with complaints of names that the method does not have and
 * of values that it does not take. Nothing when the method is not known.
 */
export function readParameters(
  entry: YamlEntry | undefined,
  scope: Scope,
  method: RecipeMethod | undefined,
  complaints: Complaints,
): readonly ParameterSetting[] {
  if (entry === undefined || method === undefined) return [];
  if (entry.value.kind !== "map") {
    const message = `parameters: expected a mapping of names and values, got ${showTree(entry.value)}`;
    complaints.refuse(entry.value, { message });
    return [];
  }
  return entry.value.entries.flatMap((setting) => readParameter(setting, scope, method, complaints));
}

function readParameter(
  entry: YamlEntry,
  scope: Scope,
  method: RecipeMethod,
  complaints: Complaints,
): readonly ParameterSetting[] {
  const { key: name, value, offset } = entry;
  const idle = ownValue(method.idle ?? {}, name);
  if (idle !== undefined) complaints.notice(entry, `${name} has no effect: ${idle}`);
  const parameter = ownValue(method.parameters, name);
  if (parameter === undefined) {
    const meant = idle === undefined ? unknownParameter(entry, method, complaints) : undefined;
    return meant === undefined ? [] : readParameter({ ...entry, key: meant }, scope, method, complaints);
  }
  if (scope === "all models" || parameter.perModel)
    return [{ name, parameter, offset, choices: readChoices(value, method, parameter, complaints) }];
  complaints.refuseUnlessLenient(entry, {
    code: "request/unknown-key",
    message: `${name} of ${method.name} is one for all models, not for each`,
    hint: "move it to the parameters: of the recipe, or of the slice",
  });
  return [];
}

/**
 * Complains of a name. Where it is refused and it can be told what is meant, that: what follows from its being missing
 * is no second problem.
 */
function unknownParameter(
  { key: name, offset }: YamlEntry,
  method: RecipeMethod,
  complaints: Complaints,
): string | undefined {
  const names = Object.keys(method.parameters);
  const likely = didYouMean(name, names);
  const owners = [...recipeMethods.values()].filter(({ parameters }) => Object.hasOwn(parameters, name));
  const known = names.length === 0 ? "it has none" : `its parameters are ${names.join(", ")}`;
  const elsewhere = `leave it out: it is a parameter of ${owners.map((owner) => owner.name).join(", ")}`;
  const hint = likely === undefined ? (owners.length === 0 ? known : elsewhere) : `did you mean ${likely}?`;
  const message = `${method.name} has no parameter ${showValue(name)}`;
  const isRefused = complaints.refuseUnlessLenient(
    { offset },
    { code: "request/unknown-key", message, hint },
  );
  return isRefused ? likely : undefined;
}

/** The value of a key from a file; none for keys that every object has, such as `constructor`. */
function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
