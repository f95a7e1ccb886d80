import type { Checkpoint, InputFile } from "../formats/checkpoint.ts";
import { parseJson } from "../formats/json.ts";
import { strayTarget } from "../io/own-files.ts";
import type { Storage } from "../io/storage.ts";
import { isOnlyAdapter } from "../recipe/only-adapter.ts";
import type { ModelReference, Recipe } from "../recipe/recipe.ts";
import { statedLicence } from "./licence.ts";
import { modelName, type ModelName } from "./model-name.ts";
import { type FilePrint, PROVENANCE_KEY } from "./provenance.ts";
import { type Parent, readParent } from "./read-provenance.ts";
import { shownText } from "./shown-text.ts";

/** A model of a recipe, its headers read. */
export interface OpenedModel {
  readonly checkpoint: Checkpoint;
  /** All files it is read from: the checkpoint's and its adapter's. */
  readonly files: readonly InputFile[];
}

/** The models of a recipe, their headers read. */
export interface OpenedModels {
  readonly base?: OpenedModel;
  /** In the recipe's order. */
  readonly models: readonly OpenedModel[];
}

/** A checkpoint or an adapter, as the output's texts speak of it. */
export interface Part {
  readonly name: ModelName;
  readonly files: readonly FilePrint[];
  /** What its model card states, as the hub's identifier. */
  readonly licence?: string;
}

/** What went into a merge at one place. */
export interface Input extends Part {
  readonly role: "base" | "model";
  readonly weight?: number;
  readonly adapter?: Part;
  /** The merge it is itself the output of. */
  readonly parent?: Parent;
}

/** Bytes of a model card that are looked at. The front matter comes first; with all its results it takes some 20,000. */
const MAX_CARD_BYTES = 65_536;

/** Bytes of a config.json; real ones take a few thousand, and a longer one gives no name. */
const MAX_CONFIG_BYTES = 1_000_000;

/** What the recipe merges: the base first, when there is one, then the models in its order. */
export async function describeInputs(
  storage: Storage,
  recipe: Recipe,
  { base, models }: OpenedModels,
): Promise<readonly Input[]> {
  const inputs: Input[] = [];
  if (base !== undefined) {
    inputs.push({ role: "base", ...(await describeModel(storage, recipe.base!, base)) });
  }
  const weights = isOnlyAdapter(recipe) ? undefined : recipe.combination.merge.parameters["weight"];
  for (const [index, model] of models.entries()) {
    inputs.push({
      role: "model",
      ...(Array.isArray(weights) && { weight: Number(weights[index]) }),
      ...(await describeModel(storage, recipe.models[index]!, model)),
    });
  }
  return inputs;
}

async function describeModel(
  storage: Storage,
  { path, adapter }: ModelReference,
  { checkpoint, files }: OpenedModel,
): Promise<Omit<Input, "role" | "weight">> {
  const adapterFiles = files.filter((file) => !checkpoint.files.includes(file));
  const written = checkpoint.metadata.get(PROVENANCE_KEY);
  return {
    ...(await describePart(storage, path, checkpoint.files)),
    ...(adapter !== undefined && { adapter: await describePart(storage, adapter, adapterFiles) }),
    ...(written !== undefined && { parent: await readParent(written) }),
  };
}

async function describePart(storage: Storage, path: string, files: readonly InputFile[]): Promise<Part> {
  const [first] = files;
  const folder = first === undefined ? path : storage.parentOf(first.path);
  const isFile = (await storage.look(path))?.kind === "file";
  const config = await beginningOf(storage, folder, "config.json", MAX_CONFIG_BYTES);
  const card = await beginningOf(storage, folder, "README.md", MAX_CARD_BYTES);
  const licence = statedLicence(card);
  return {
    name: modelName({ path: partsOf(storage, path), isFile, configured: configuredName(config) }),
    files: files.map((file) => ({ name: shownText(storage.nameOf(file.path)), header: file.headerHash })),
    ...(licence !== undefined && { licence }),
  };
}

function configuredName(config: string): unknown {
  const parsed = parseJson(config);
  return "value" in parsed && parsed.value instanceof Map ? parsed.value.get("_name_or_path") : undefined;
}

/**
 * The text that the file `name` in a model's folder begins with, as far as it is text. Empty when there is no such file,
 * or a link to one that is not the model's: what it says would go into the output.
 */
async function beginningOf(
  storage: Storage,
  folder: string,
  name: string,
  limitBytes: number,
): Promise<string> {
  const path = storage.join(folder, name);
  if ((await storage.look(path))?.kind !== "file") return "";
  if ((await strayTarget(storage, folder, path)) !== undefined) return "";
  const source = await storage.open(path);
  try {
    const bytes = new Uint8Array(Math.min(source.size, limitBytes));
    await source.readInto(bytes, 0);
    return new TextDecoder().decode(bytes);
  } finally {
    await source.close();
  }
}

/** The parts of a path, outermost first. */
function partsOf(storage: Storage, path: string): readonly string[] {
  const parts: string[] = [];
  for (let at = path; storage.nameOf(at) !== ""; at = storage.parentOf(at)) parts.unshift(storage.nameOf(at));
  return parts;
}
