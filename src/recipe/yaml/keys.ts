import { recipeMethods } from "../../methods/recipe-methods.ts";
import { recipeTypes } from "./element-types.ts";

/** A key that a mapping of a recipe may have. */
export interface KeyRow {
  /** One sentence, for editors. */
  readonly doc: string;
  readonly required?: true;
  /** What its value may be, in JSON schema; `#/$defs/` has the mappings by their names here. */
  readonly schema: object;
}

const text = { type: "string" };
const list = (item: string): object => ({ type: "array", items: reference(item), minItems: 1 });
const reference = (name: string): object => ({ $ref: `#/$defs/${name}` });

const parameters = { schema: reference("parameters") };
const models: KeyRow = { doc: "The models to merge whole.", schema: list("model") };
const slices: KeyRow = {
  doc: "The output's layers, from the first to the last, as runs of the models' layers.",
  schema: list("slice"),
};

// The one list of keys. Reading, "did you mean" and the schema for editors are made from it.
const tables = {
  document: {
    name: { doc: "What other documents of this file call this merge in place of a path.", schema: text },
    merge_method: {
      doc: "How the models become one.",
      required: true,
      schema: { enum: [...recipeMethods.keys()] },
    },
    models,
    slices,
    modules: {
      doc: "The same for each part of a model that has several; only `default` is available.",
      schema: { type: "object", properties: { default: reference("module") }, additionalProperties: false },
    },
    base_model: {
      doc: "The model that the others were trained from; some methods merge differences to it.",
      schema: reference("modelReference"),
    },
    dtype: { doc: "Element type of the merged weights.", schema: { enum: [...recipeTypes.keys()] } },
    out_dtype: {
      doc: "Element type of the merged weights, where it is not `dtype`.",
      schema: { enum: [...recipeTypes.keys()] },
    },
    parameters: { doc: "Parameters of the method, for everything that sets none of its own.", ...parameters },
    tokenizer_source: { doc: "Not available yet: whose tokens the output has.", schema: {} },
    tokenizer: { doc: "Not available yet: whose tokens the output has.", schema: {} },
    chat_template: { doc: "Not available yet: the output's chat template.", schema: {} },
  },
  module: {
    models,
    slices,
    parameters: { doc: "Parameters of the method in this module.", ...parameters },
  },
  model: {
    model: { doc: "The model.", required: true, schema: reference("modelReference") },
    parameters: { doc: "What the method's parameters are for this model.", ...parameters },
  },
  slice: {
    sources: { doc: "The layers that are merged into these.", required: true, schema: list("source") },
    base_model: { doc: "In place of the recipe's `base_model`.", schema: reference("modelReference") },
    residual_weight: { doc: "Without effect.", schema: { type: "number" } },
    parameters: { doc: "Parameters of the method in these layers.", ...parameters },
  },
  source: {
    model: { doc: "The model.", required: true, schema: reference("modelReference") },
    layer_range: {
      doc: "Its first layer, counted from 0, and the one after its last.",
      required: true,
      schema: { type: "array", items: { type: "integer", minimum: 0 }, minItems: 2, maxItems: 2 },
    },
    parameters: { doc: "What the method's parameters are for these layers of this model.", ...parameters },
  },
  modelMapping: {
    model: { doc: "The model itself.", required: true, schema: reference("location") },
    lora: { doc: "The LoRA adapter that is applied to it first.", schema: reference("location") },
    override_architecture: { doc: "Without effect: tensors are matched by name.", schema: text },
  },
  locationMapping: {
    path: { doc: "A folder, or a model's name on the Hugging Face Hub.", required: true, schema: text },
    revision: { doc: "Branch, tag or commit of the model on the Hub.", schema: text },
  },
  conditional: {
    filter: { doc: 'Text that the tensor\'s name contains; absent or "*": any.', schema: text },
    value: { doc: "The parameter's value there.", required: true, schema: reference("value") },
  },
} as const satisfies Record<string, Record<string, KeyRow>>;

type Tables = typeof tables;

/** The mappings that a recipe consists of. */
export type MappingName = keyof Tables;

/** The keys of a mapping. */
export type KeyOf<Name extends MappingName> = keyof Tables[Name] & string;

/** What each mapping of a recipe may have, by its name and the key. */
export const keyTables: Readonly<Record<MappingName, Readonly<Record<string, KeyRow>>>> = tables;
