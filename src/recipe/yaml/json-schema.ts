import { type RecipeMethod, recipeMethods } from "../../methods/recipe-methods.ts";
import { stepParameters } from "./declared.ts";
import { keyTables, type MappingName } from "./keys.ts";

/** The text of `docs/mergekit-recipe.schema.json`: what editors complete recipes by, and underline in them. */
export function recipeSchema(): string {
  const mappings = Object.keys(keyTables) as MappingName[];
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "mergekit recipe",
    description:
      "What `tensorweld merge RECIPE.yml` reads. Written by `npm run docs` from the program itself.",
    ...mappingSchema("document"),
    oneOf: ["models", "slices", "modules"].map((key) => ({ required: [key] })),
    $defs: {
      ...Object.fromEntries(
        mappings.filter((name) => name !== "document").map((name) => [name, mappingSchema(name)]),
      ),
      modelReference: {
        description:
          "`PATH[@REVISION][+LORA[@REVISION]]`: a folder, or a name on the Hub that is in its cache.",
        anyOf: [{ type: "string", minLength: 1 }, reference("modelMapping")],
      },
      location: { anyOf: [{ type: "string", minLength: 1 }, reference("locationMapping")] },
      parameters: { type: "object", properties: parameterSchemas(), additionalProperties: false },
      setting: {
        anyOf: [
          reference("value"),
          reference("conditional"),
          { type: "array", items: reference("conditional"), minItems: 1 },
        ],
      },
      value: {
        description: "One value, or numbers that are spread evenly over the layers.",
        anyOf: [{ type: ["number", "boolean"] }, { type: "array", items: { type: "number" }, minItems: 1 }],
      },
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function mappingSchema(name: MappingName): object {
  const rows = Object.entries(keyTables[name]);
  const required = rows.filter(([, row]) => row.required === true).map(([key]) => key);
  return {
    type: "object",
    properties: Object.fromEntries(
      rows.map(([key, { doc, schema }]) => [key, { description: doc, ...schema }]),
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function reference(name: string): object {
  return { $ref: `#/$defs/${name}` };
}

/** Every parameter of some method, with the methods that take it. */
function parameterSchemas(): Readonly<Record<string, object>> {
  const all = [...recipeMethods.values()];
  const names = new Set(all.flatMap(({ parameters, idle = {} }) => Object.keys({ ...parameters, ...idle })));
  return Object.fromEntries(
    [...names].toSorted().map((name) => {
      const takers = all.filter(({ parameters }) => Object.hasOwn(parameters, name));
      const used = takers.length === 0 ? "" : ` Taken by ${takers.map((taker) => taker.name).join(", ")}.`;
      return [name, { description: `${docOf(name, takers)}${used}`, ...reference("setting") }];
    }),
  );
}

function docOf(name: string, takers: readonly RecipeMethod[]): string {
  const docs = takers.map((method) => {
    const { step, parameter } = method.parameters[name]!;
    return stepParameters(method, step)[parameter]?.doc;
  });
  return docs.find((doc) => doc !== undefined) ?? "Without effect.";
}
