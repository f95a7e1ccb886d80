import type { Method, Sparsifier } from "../methods/define.ts";
import { methods, sparsifiers } from "../methods/index.ts";
import { combinationName, pairOf } from "../recipe/combination-name.ts";
import { configurationOf } from "../recipe/configuration.ts";
import { isOnlyAdapter } from "../recipe/only-adapter.ts";
import type { ModelReference, Recipe } from "../recipe/recipe.ts";
import type { Slice } from "../recipe/slice.ts";
import { version } from "../version.ts";
import { frontMatter } from "./front-matter.ts";
import type { Input } from "./inputs.ts";
import { codeBlock, modelLink, plainMarkdown } from "./markdown.ts";
import { RECIPE_NAME } from "./recipe-record.ts";
import { shownLines, shownText } from "./shown-text.ts";

/** The paper on the adapters that are merged into models. */
const LORA_PAPER = "https://arxiv.org/abs/2106.09685";

/** Where a merge that was computed on a GPU gives the same bytes again. */
const GPU_OF_A_KIND =
  "GPU of one kind, and on another device numbers at most one unit in the last place apart";

/** What a card is written from. */
export interface CardFacts {
  /** The output folder's name. */
  readonly title: string;
  readonly recipe: Recipe;
  /** The base first, when there is one, then the models in the recipe's order. */
  readonly inputs: readonly Input[];
  /** Whose tensors the weights are, as their header says: `pt`, or `np` for Paddle's. */
  readonly format: string;
}

/** The README.md of an output, for people and for the Hugging Face Hub: what it is a merge of, and how to make it again. */
export function modelCard(facts: CardFacts): string {
  const { title, recipe, inputs, format } = facts;
  const paragraphs = [
    frontMatter(recipe, inputs, format),
    `# ${plainMarkdown(shownText(title))}`,
    whatItIs(facts),
    "## Merge Method",
    ...(isOnlyAdapter(recipe) ? adapterMethod() : mergeMethod(facts)),
    "## Models Merged",
    inputs.map(modelLine).join("\n"),
    "## Configuration",
    ...(recipe.source === undefined ? flagsAgain(facts) : recipeAgain(recipe, recipe.source)),
    `The same models under the same names, with this recipe, its seed of ${recipe.seed} and this version, give the same ` +
      `bytes on every ${recipe.device === undefined ? "machine" : GPU_OF_A_KIND}. This tells whether a copy of these files is as it was written:`,
    codeBlock("sh", `npx tensorweld@${version} verify FOLDER`),
    "The header of each weight file, under `tensorweld`, and `merge_config.json`, under `provenance`, tell what went in: " +
      "each input's name, its files and the SHA-256 of their headers, and the same for inputs that are merges themselves.",
  ];
  return `${paragraphs.join("\n\n")}\n`;
}

/** What flags made, under names that mean something elsewhere, and how to use it. */
function flagsAgain({ recipe, inputs }: CardFacts): readonly string[] {
  return [
    codeBlock("json", configurationOf(withPublicNames(recipe, inputs))),
    "To make it again, save this as `recipe.json`, put the folder of each model in place of its name (`hf download NAME` " +
      "prints that of a repository), and run",
    codeBlock("sh", `npx tensorweld@${version} merge recipe.json --output_path merged`),
  ];
}

/** The recipe as it was written, and how to use it. */
function recipeAgain({ seed }: Recipe, source: string): readonly string[] {
  return [
    codeBlock("yaml", shownLines(source)),
    `To make it again, take \`${RECIPE_NAME}\`, which is this, see that its models are where it says, and run`,
    codeBlock("sh", `npx tensorweld@${version} merge ${RECIPE_NAME} --output_path merged --seed ${seed}`),
  ];
}

function whatItIs({ recipe, inputs }: CardFacts): string {
  const made = `made with Tensorweld ${version}`;
  if (isOnlyAdapter(recipe)) return `The model ${inputs.map(partsText).join("")} merged into it, ${made}.`;
  const models = inputs.filter(({ role }) => role === "model").map(partsText);
  const [first, second] = models;
  if (first === undefined) return `A copy of ${inputs.map(partsText).join("")}, ${made}.`;
  if (second === undefined) return `Made of ${first}, ${made}.`;
  return `A merge of ${models.slice(0, -1).join(", ")} and ${models.at(-1)}, ${made}.`;
}

function partsText({ name, adapter }: Input): string {
  return adapter === undefined
    ? modelLink(name)
    : `${modelLink(name)} with the adapter ${modelLink(adapter.name)}`;
}

function modelLine(input: Input): string {
  const weight = input.weight === undefined ? "" : `, weight ${input.weight}`;
  return `- ${input.role}: ${partsText(input)}${weight}`;
}

function adapterMethod(): readonly string[] {
  return [`The [LoRA adapter](${LORA_PAPER}) is added to the weights of its base.`];
}

function mergeMethod({ recipe, inputs }: CardFacts): readonly string[] {
  const { sparsify, merge } = recipe.combination;
  const steps = [sparsify && sparsifiers.get(sparsify.method), methods.get(merge.method)]
    .filter((step) => step !== undefined)
    .map(ruleText);
  const base = inputs.find(({ role }) => role === "base");
  return [
    ...(steps.length === 1 ? steps : [`${methodLink(recipe)}:`, steps.map((step) => `- ${step}`).join("\n")]),
    ...(recipe.slices === undefined ? [] : [stackText(recipe.slices)]),
    ...(base === undefined
      ? []
      : [`What is merged are the models' differences to ${partsText(base)}; the result is added to it.`]),
    ...(inputs.some(({ adapter }) => adapter !== undefined)
      ? [`Before that, each [LoRA adapter](${LORA_PAPER}) is added to its model.`]
      : []),
  ];
}

function stackText(slices: readonly Slice[]): string {
  const layers = slices.reduce((sum, slice) => sum + slice.layers, 0);
  return `The layers are a stack: ${layers} of them, in ${slices.length} ${slices.length === 1 ? "slice" : "slices"}.`;
}

function ruleText({ name, reference, summary }: Method | Sparsifier): string {
  return `[\`${name}\`](${reference}): ${summary}`;
}

function methodLink({ combination }: Recipe): string {
  const name = `\`${combinationName(combination)}\``;
  const pair = pairOf(combination);
  return pair === undefined ? name : `[${name}](${pair.reference})`;
}

/** The recipe with the names of its models in place of their paths. */
function withPublicNames(recipe: Recipe, inputs: readonly Input[]): Recipe {
  const references = (role: Input["role"]): readonly ModelReference[] =>
    inputs
      .filter((input) => input.role === role)
      .map(({ name, adapter }) => ({
        path: name.text,
        ...(adapter !== undefined && { adapter: adapter.name.text }),
      }));
  const [base] = references("base");
  return { ...recipe, models: references("model"), ...(base !== undefined && { base }) };
}
