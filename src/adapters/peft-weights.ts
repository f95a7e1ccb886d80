import type { Checkpoint, TensorInfo } from "../formats/checkpoint.ts";
import { describeJson, shorten } from "../formats/describe-json.ts";
import type { ProblemList } from "../formats/problem-list.ts";
import type { AdapterWeights, Change } from "./change.ts";
import { checkFactors, checkMagnitude, checkType, noPair } from "./factors.ts";
import { MatchingEffort, TooMuchEffort } from "./matching-effort.ts";
import { moduleName } from "./module-pattern.ts";
import { sortTensors } from "./module-parts.ts";
import { meaningOfPeftName } from "./peft-names.ts";
import type { PeftPart } from "./peft-names.ts";
import { patternValue, scaleOf } from "./settings.ts";
import type { AdapterSettings } from "./settings.ts";
import { mergeThere } from "./switches.ts";
import type { Update } from "./update.ts";

/** What the tensors of a PEFT adapter are for. Factors are A [rank, in] and B [out, rank], and the update is B · A. */
export function readPeftWeights(
  weights: Checkpoint,
  settings: AdapterSettings,
  problems: ProblemList,
): AdapterWeights {
  const { modules, replacements } = sortTensors(weights, meaningOfPeftName, problems);
  const effort = new MatchingEffort();
  try {
    const changes = [...modules].flatMap(([module, parts]) => {
      return changesOf({ module, parts, settings, problems, ...numbersOf(module, settings, effort) });
    });
    return { changes, replacements };
  } catch (error) {
    if (!(error instanceof TooMuchEffort)) throw error;
    const count = settings.rankPattern.length + settings.alphaPattern.length;
    const message = `has ${modules.size} modules and ${count} patterns for them, which take too long to compare`;
    problems.add({ code: "adapter/unsupported", message, hint: mergeThere });
    return { changes: [], replacements };
  }
}

/** The rank that a module's factors must have, and its alpha. */
function numbersOf(
  module: string,
  { rank, alpha, rankPattern, alphaPattern }: AdapterSettings,
  effort: MatchingEffort,
): { readonly rank: number; readonly alpha: number } {
  if (rankPattern.length + alphaPattern.length === 0) return { rank, alpha };
  const name = moduleName(module, effort);
  return {
    rank: patternValue(rankPattern, name) ?? rank,
    alpha: patternValue(alphaPattern, name) ?? alpha,
  };
}

interface PeftModule {
  readonly module: string;
  readonly parts: ReadonlyMap<PeftPart, TensorInfo>;
  readonly settings: AdapterSettings;
  /** What the settings say for this module. */
  readonly rank: number;
  readonly alpha: number;
  readonly problems: ProblemList;
}

/** What two factors make up: an update, as one of a tensor of some shape. */
type Product = Pick<Change, "shape" | "transposable"> & {
  readonly update: Pick<Update, "rows" | "columns" | "left" | "right">;
  /** Which of its axes are the outputs, for DoRA. */
  readonly outputs: "rows" | "columns";
};

/** A way of adding low-rank updates to modules. */
interface Kind {
  readonly a: PeftPart;
  readonly b: PeftPart;
  /** The product of the factors; undefined when their shapes are of no such kind. */
  product(a: TensorInfo, b: TensorInfo): Product | undefined;
}

const kinds: readonly Kind[] = [
  { a: "lora_A", b: "lora_B", product: productOfLayer },
  { a: "lora_embedding_A", b: "lora_embedding_B", product: productOfEmbedding },
];

function changesOf(found: PeftModule): readonly Change[] {
  const { module, parts, settings, rank, alpha, problems } = found;
  const [kind, second] = kinds.filter(({ a, b }) => parts.has(a) || parts.has(b));
  const [a, b] = kind === undefined ? [] : [parts.get(kind.a), parts.get(kind.b)];
  if (kind === undefined || second !== undefined || a === undefined || b === undefined)
    return noPair(parts, problems);
  const areFactors = checkFactors({ tensor: a, rankAxis: 0 }, { tensor: b, rankAxis: 1 }, rank, problems);
  if (!areFactors) return [];
  const product = kind.product(a, b);
  if (product === undefined) {
    const message = `has shape ${describeJson(a.shape)}, and ${JSON.stringify(shorten(b.name))} has shape ${describeJson(b.shape)}: factors of neither a matrix nor a convolution`;
    problems.add({ code: "adapter/shape", tensor: a.name, message });
    return [];
  }
  const { shape, transposable } = product;
  const scale = scaleOf(settings, alpha, rank);
  const magnitude = readMagnitude(found, a, product);
  const update = { ...product.update, rank, scale, ...(magnitude !== undefined && { magnitude }) };
  return [{ target: `${module}.weight`, shape, update, transposable }, ...biasChanges(found, b, scale)];
}

/** The weight of a Linear layer is [out, in], of a convolution [out, in, …]; of GPT-2's Conv1D it is [in, out]. */
function productOfLayer(a: TensorInfo, b: TensorInfo): Product | undefined {
  const [rows] = b.shape;
  const inputs = a.shape.slice(1);
  if (a.shape.length !== b.shape.length || b.shape.slice(2).some((size) => size !== 1)) return undefined;
  return {
    shape: [rows!, ...inputs],
    transposable: inputs.length === 1,
    update: {
      rows: rows!,
      columns: inputs.reduce((product, size) => product * size, 1),
      left: { tensor: b, transposed: false },
      right: { tensor: a, transposed: false },
    },
    outputs: "rows",
  };
}

/** The weight of an embedding is [tokens, out]: its update is the transpose of B · A. */
function productOfEmbedding(a: TensorInfo, b: TensorInfo): Product | undefined {
  const [rows, columns] = [a.shape[1]!, b.shape[0]!];
  if (a.shape.length !== 2 || b.shape.length !== 2) return undefined;
  return {
    shape: [rows, columns],
    transposable: false,
    update: {
      rows,
      columns,
      left: { tensor: a, transposed: true },
      right: { tensor: b, transposed: true },
    },
    outputs: "columns",
  };
}

function readMagnitude(
  { parts, settings, problems }: PeftModule,
  { name }: TensorInfo,
  { outputs, update }: Product,
): Update["magnitude"] {
  const tensor = parts.get("lora_magnitude_vector");
  if (settings.dora !== (tensor !== undefined)) {
    const found =
      tensor === undefined ? "has no magnitude vector beside it" : "has a magnitude vector beside it";
    const message = `${found}, and use_dora is ${settings.dora} in its configuration`;
    problems.add({ code: "adapter/configuration", tensor: name, message });
    return undefined;
  }
  if (tensor === undefined || !checkMagnitude(tensor, update[outputs], problems)) return undefined;
  return { tensor, axis: outputs };
}

/** The update of the module's bias, where `lora_bias` gave B one: it is scaled like the product. */
function biasChanges(
  { module, parts, settings, problems }: PeftModule,
  { name, shape }: TensorInfo,
  scale: number,
): readonly Change[] {
  const tensor = parts.get("lora_B.bias");
  const isExpected = settings.loraBias && parts.has("lora_B");
  if (isExpected !== (tensor !== undefined)) {
    const found = tensor === undefined ? "has no bias beside it" : "has a bias beside it";
    const message = `${found}, and lora_bias is ${settings.loraBias} in its configuration`;
    problems.add({ code: "adapter/configuration", tensor: name, message });
    return [];
  }
  if (tensor === undefined || !checkType(tensor, problems)) return [];
  const [columns] = shape;
  if (tensor.shape.length !== 1 || tensor.shape[0] !== columns) {
    const message = `has shape ${describeJson(tensor.shape)}, and its factors have ${columns} outputs`;
    problems.add({ code: "adapter/shape", tensor: tensor.name, message });
    return [];
  }
  const update = { rows: 1, columns: columns!, rank: 1, scale, right: { tensor, transposed: false } };
  return [{ target: `${module}.bias`, shape: tensor.shape, update, transposable: false }];
}
