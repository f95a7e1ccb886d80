import type { RecipeMethod, RecipeParameter } from "../../methods/recipe-methods.ts";
import { boundsText, isWithin } from "../bounds.ts";
import { boundsOf } from "../parameters.ts";
import type { Setting } from "../rule.ts";
import type { Complaints } from "./complaints.ts";
import { stepParameters } from "./declared.ts";
import { readMapping } from "./mapping.ts";
import { booleanOf, numberOf, showTree, textOf } from "./scalars.ts";
import type { YamlMap, YamlTree } from "./tree.ts";

/** A value of a parameter, and the tensors it is for. */
export interface Choice {
  readonly value: Setting;
  /** Text that the tensor's name must contain; absent: any name. */
  readonly filter?: string;
}

/** What values a parameter takes. */
interface Kind {
  /** The end of "expected …". */
  readonly wanted: string;
  readonly isFlag: boolean;
  /** The value that is written, or undefined when it is none of these. */
  read(tree: YamlTree): number | boolean | undefined;
}

/** The filter that lets every name through. */
const ANY = "*";

/**
 * The values that a parameter is set to, of which the first that applies holds: one number, numbers spread over the
 * layers, or a list of values with filters. What is none of them is complained of and left out.
 */
export function readChoices(
  tree: YamlTree,
  method: RecipeMethod,
  parameter: RecipeParameter,
  complaints: Complaints,
): readonly Choice[] {
  const kind = kindOf(method, parameter);
  // mergekit takes a single conditional value for granted, and fails on it when it comes to the first tensor.
  const conditionals = tree.kind === "list" ? tree.items : [tree];
  const maps = conditionals.filter((item) => item.kind === "map");
  if (maps.length === 0) return valueChoices(tree, kind, complaints);
  for (const item of conditionals)
    if (item.kind !== "map")
      complaints.refuse(item, {
        message: `expected a mapping of filter and value like its neighbours, got ${showTree(item)}`,
        hint: "a list has either numbers or filters; write { value: … } last for all other tensors",
      });
  return maps.flatMap((map) => readConditional(map, kind, complaints));
}

function readConditional(map: YamlMap, kind: Kind, complaints: Complaints): readonly Choice[] {
  const fields = readMapping(map, "conditional", complaints);
  const filter = fields?.filter?.value;
  const text = filter === undefined ? ANY : textOf(filter);
  if (filter !== undefined && text === undefined)
    complaints.refuse(filter, { message: `expected a part of tensors' names, got ${showTree(filter)}` });
  if (fields?.value === undefined || text === undefined) return [];
  const choices = valueChoices(fields.value.value, kind, complaints);
  return text === ANY ? choices : choices.map(({ value }) => ({ value, filter: text }));
}

function valueChoices(tree: YamlTree, kind: Kind, complaints: Complaints): readonly Choice[] {
  const value =
    tree.kind === "list" ? readGradient(tree.items, tree, kind, complaints) : readOne(tree, kind, complaints);
  return value === undefined ? [] : [{ value }];
}

function readGradient(
  items: readonly YamlTree[],
  tree: YamlTree,
  kind: Kind,
  complaints: Complaints,
): readonly number[] | undefined {
  if (kind.isFlag) {
    complaints.refuse(tree, {
      message: `expected ${kind.wanted}, got a list`,
      hint: "nothing lies between them",
    });
    return undefined;
  }
  if (items.length === 0)
    complaints.refuse(tree, {
      message: `expected ${kind.wanted}, or several to spread over the layers, got an empty list`,
    });
  const values = items.map((item) => readOne(item, kind, complaints));
  return values.every((value) => typeof value === "number") && items.length > 0 ? values : undefined;
}

function readOne(tree: YamlTree, kind: Kind, complaints: Complaints): number | boolean | undefined {
  const value = kind.read(tree);
  if (value === undefined)
    complaints.refuse(tree, { message: `expected ${kind.wanted}, got ${showTree(tree)}` });
  return value;
}

function kindOf(method: RecipeMethod, parameter: RecipeParameter): Kind {
  if (typeof parameter.default === "boolean")
    return { wanted: "true or false", isFlag: true, read: readFlag };
  const declared = stepParameters(method, parameter.step)[parameter.parameter];
  const bounds = declared?.kind === "number" ? boundsOf(declared) : {};
  const text = boundsText(bounds);
  return {
    wanted: text === "" ? "a number" : `a number ${text}`,
    isFlag: false,
    read(tree) {
      const value = readNumber(tree);
      return value !== undefined && isWithin(bounds, value) ? value : undefined;
    },
  };
}

/** A number, or a truth value, which mergekit takes for 1 or 0. */
function readNumber(tree: YamlTree): number | undefined {
  const truth = booleanOf(tree);
  return truth === undefined ? numberOf(tree) : Number(truth);
}

/** A truth value, or 1 or 0 in its place. */
function readFlag(tree: YamlTree): boolean | undefined {
  const number = readNumber(tree);
  return number === 0 || number === 1 ? number === 1 : undefined;
}
