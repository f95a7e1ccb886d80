import type { RecipeMethod } from "../../methods/recipe-methods.ts";
import { showValue } from "../show-value.ts";
import type { Complaints } from "./complaints.ts";
import { type Fields, readMapping } from "./mapping.ts";
import { type ParameterSetting, readParameters } from "./parameters.ts";
import { showTree } from "./scalars.ts";
import { readModels, readSlices, type Stack } from "./stacks.ts";
import type { YamlEntry, YamlTree } from "./tree.ts";

/** What a recipe merges, and the parameters of all of it. */
export interface Contents {
  /** Whether `stacks` are slices; else there is one, of whole models. */
  readonly isSliced: boolean;
  readonly stacks: readonly Stack[];
  /** What holds for all stacks: the settings of the module before those of the recipe. */
  readonly parameters: readonly ParameterSetting[];
}

type Stacks = Omit<Contents, "parameters">;

const noStacks: Stacks = { isSliced: false, stacks: [] };

/** The contents of a recipe: of exactly one of `models`, `slices` and `modules`, and of its `parameters`. */
export function readContents(
  tree: YamlTree,
  fields: Fields<"document">,
  method: RecipeMethod | undefined,
  complaints: Complaints,
): Contents {
  const own = readParameters(fields.parameters, "all models", method, complaints);
  const key = onlyOne(tree, fields, ["models", "slices", "modules"], complaints);
  if (key !== "modules") return { ...readStacks(fields, key, method, complaints), parameters: own };
  const module = readModules(fields.modules!, complaints);
  const inside = module && readMapping(module, "module", complaints);
  if (module === undefined || inside === undefined) return { ...noStacks, parameters: own };
  const moduleKey = onlyOne(module, inside, ["models", "slices"], complaints);
  const parameters = readParameters(inside.parameters, "all models", method, complaints);
  return { ...readStacks(inside, moduleKey, method, complaints), parameters: [...parameters, ...own] };
}

function readStacks(
  { models, slices }: Pick<Fields<"document">, "models" | "slices">,
  key: "models" | "slices" | undefined,
  method: RecipeMethod | undefined,
  complaints: Complaints,
): Stacks {
  if (key === "models") return { isSliced: false, stacks: [readModels(models!, method, complaints)] };
  if (key === "slices") return { isSliced: true, stacks: readSlices(slices!, method, complaints) };
  return noStacks;
}

/** Which of `keys` a mapping has, an empty list being none; undefined, with a complaint, unless it is exactly one. */
function onlyOne<Key extends string>(
  tree: YamlTree,
  fields: { readonly [Name in Key]?: YamlEntry },
  keys: readonly Key[],
  complaints: Complaints,
): Key | undefined {
  const present = keys.filter((key) => fields[key] !== undefined && !isEmpty(fields[key].value));
  const [first, second] = present;
  if (first !== undefined && second === undefined) return first;
  const wanted = `expected exactly one of ${keys.join(", ")}`;
  if (second !== undefined) {
    const message = `${wanted}, got ${present.join(" and ")}`;
    const hint = "leave out all but one";
    complaints.refuse(fields[second]!, { code: "request/contradiction", message, hint });
    return undefined;
  }
  const hint = "list the models to merge: models: [{ model: … }, { model: … }]";
  complaints.refuse(tree, { code: "request/missing-value", message: `${wanted}, got none`, hint });
  return undefined;
}

function isEmpty(tree: YamlTree): boolean {
  return (
    (tree.kind === "list" && tree.items.length === 0) || (tree.kind === "map" && tree.entries.length === 0)
  );
}

/** The definition of the one module; it is called `default` in models that have no parts of their own names. */
function readModules({ value }: YamlEntry, complaints: Complaints): YamlTree | undefined {
  if (value.kind !== "map") {
    complaints.refuse(value, { message: `modules: expected a mapping, got ${showTree(value)}` });
    return undefined;
  }
  for (const entry of value.entries.filter(({ key }) => key !== "default"))
    complaints.refuse(entry, {
      code: "request/not-available",
      message: `the module ${showValue(entry.key)} is not available yet: only default is`,
      hint: "write models: in place of modules: to merge all parts of the models alike",
    });
  return value.entries.find(({ key }) => key === "default")?.value;
}
