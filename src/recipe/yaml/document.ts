import { didYouMean } from "../../errors.ts";
import type { DType } from "../../dtype.ts";
import { type RecipeMethod, recipeMethods } from "../../methods/recipe-methods.ts";
import type { Complaints } from "./complaints.ts";
import { type Contents, readContents } from "./contents.ts";
import { readElementType } from "./element-types.ts";
import { type Fields, readMapping } from "./mapping.ts";
import { type NamedModel, readModel } from "./models.ts";
import { showTree, textOf } from "./scalars.ts";
import type { Spot, YamlEntry, YamlTree } from "./tree.ts";

/**
 * One merge as its document describes it: every name and value checked by itself, no model looked for yet. Its spot is
 * the name of its method.
 */
export interface MergeDocument extends Spot, Contents {
  /** What other documents call it, and where that is said. */
  readonly name?: Spot & { readonly text: string };
  /** Absent when it is not known which. */
  readonly method?: RecipeMethod;
  readonly base?: NamedModel;
  readonly dtype?: DType;
}

/** Reads one document, with complaints of all that is wrong with it; undefined when it is no mapping. */
export function readDocument(tree: YamlTree, complaints: Complaints): MergeDocument | undefined {
  const fields = readMapping(tree, "document", complaints);
  if (fields === undefined) return undefined;
  const method = readMethod(fields.merge_method, complaints);
  refuseUnavailable(fields, complaints);
  const name = readName(fields.name, complaints);
  const base = fields.base_model && readModel(fields.base_model, complaints);
  const dtype = readTypes(fields, complaints);
  return {
    offset: (fields.merge_method?.value ?? tree).offset,
    ...(name && { name }),
    ...(method && { method }),
    ...(base && { base }),
    ...(dtype && { dtype }),
    ...readContents(tree, fields, method, complaints),
  };
}

function readMethod(entry: YamlEntry | undefined, complaints: Complaints): RecipeMethod | undefined {
  if (entry === undefined) return undefined;
  const name = textOf(entry.value) ?? "";
  const method = recipeMethods.get(name);
  if (method !== undefined) return method;
  const likely = didYouMean(name, recipeMethods.keys());
  complaints.refuse(entry.value, {
    message: `there is no merge_method ${showTree(entry.value)}`,
    hint: likely === undefined ? `one of ${[...recipeMethods.keys()].join(", ")}` : `did you mean ${likely}?`,
  });
  return undefined;
}

/** Names are parts of paths of what is staged, and of models' references, in which some characters mean something. */
function readName(entry: YamlEntry | undefined, complaints: Complaints): MergeDocument["name"] {
  if (entry === undefined) return undefined;
  const text = textOf(entry.value);
  if (text !== undefined && /^\w[\w.-]{0,99}$/.test(text)) return { offset: entry.value.offset, text };
  complaints.refuse(entry.value, {
    message: `name: expected up to 100 letters, digits and any of _ . -, got ${showTree(entry.value)}`,
  });
  return undefined;
}

const unavailable = {
  tokenizer_source: "leave it out when all models have the same tokenizer: then that of the base is copied",
  tokenizer: "leave it out when all models have the same tokenizer: then that of the base is copied",
  chat_template: "leave it out, and edit the template of the output",
} as const;

function refuseUnavailable(fields: Fields<"document">, complaints: Complaints): void {
  for (const [key, hint] of Object.entries(unavailable)) {
    const entry = fields[key as keyof typeof unavailable];
    const message = `${key} is not available yet: tokenizers are not merged or changed by this version`;
    if (entry !== undefined) complaints.refuse(entry, { code: "request/not-available", message, hint });
  }
}

/** The type of what is written: the arithmetic is the same whatever `dtype` says. */
function readTypes({ dtype, out_dtype: out }: Fields<"document">, complaints: Complaints): DType | undefined {
  const [inside, outside] = [dtype, out].map((entry) => entry && readElementType(entry.value, complaints));
  if (dtype !== undefined && inside !== undefined && outside !== undefined && inside !== outside)
    complaints.notice(dtype, "dtype has no effect beside out_dtype: values are rounded once, to out_dtype");
  return outside ?? inside;
}
