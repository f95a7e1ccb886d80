import { describeFew } from "../describe-few.ts";
import { describeValue } from "../pickle/describe-value.ts";
import { Call, Dictionary } from "../pickle/values.ts";
import type { PickleValue } from "../pickle/values.ts";
import type { ProblemList } from "../problem-list.ts";
import { describeItem } from "./describe-items.ts";
import { isTensor } from "./tensor-makers.ts";

/** Tensors by name, as they were saved. */
export interface StateDict {
  readonly tensors: ReadonlyMap<string, Call>;
  /** What was left out, and where the tensors were found when that is not plain; said of the file. */
  readonly notices: readonly string[];
}

type Pair = readonly [key: PickleValue, value: PickleValue];
type Pairs = readonly Pair[];

/**
 * Keys under which training programs save the model beside the optimiser and their own numbers, most usual first.
 * Sources: PyTorch Lightning (`state_dict`), PyTorch's tutorials (`model_state_dict`), timm, MAE and Whisper (`model`),
 * DeepSpeed (`module`).
 */
const modelKeys: readonly string[] = ["state_dict", "model_state_dict", "model", "module"];

/**
 * The tensors that what was saved holds by name: all of a dict, or of a dict in it under a key that training programs
 * use. Undefined when there are none, or two of one name: then `problems` says so.
 */
export function findStateDict(value: PickleValue, problems: ProblemList): StateDict | undefined {
  const pairs = pairsOf(value);
  if (pairs === undefined)
    return refuse(isTensor(value) ? "a single tensor" : describeValue(value), problems);
  if (holdsTensors(pairs)) return collect(pairs, [], problems);
  const key = modelKeys.find((name) =>
    pairs.some(([other, inner]) => other === name && holdsTensors(pairsOf(inner))),
  );
  if (key === undefined) return refuse(describeKeys(pairs), problems);
  const [model, again] = pairs.filter(([other]) => other === key);
  if (again !== undefined) {
    problems.add({ code: "pytorch/duplicate-name", message: `holds ${JSON.stringify(key)} twice` });
    return undefined;
  }
  const others = pairs.filter(([other]) => other !== key);
  const leftOut = others.length === 0 ? "" : `; left out beside it: ${describeFew(others, describeKey)}`;
  return collect(pairsOf(model![1]) ?? [], [`read from ${JSON.stringify(key)}${leftOut}`], problems);
}

/** The tensors among `pairs`, and what else is there as a notice. */
function collect(pairs: Pairs, notices: readonly string[], problems: ProblemList): StateDict | undefined {
  const tensors = new Map<string, Call>();
  const others: Pair[] = [];
  for (const pair of pairs) {
    const [name, value] = pair;
    if (!isTensor(value)) others.push(pair);
    else if (typeof name !== "string") addNameFault(name, problems);
    else if (tensors.has(name)) {
      problems.add({
        code: "pytorch/duplicate-name",
        tensor: name,
        message: "is there twice",
      });
    } else tensors.set(name, value);
  }
  if (others.length === 0) return { tensors, notices };
  return {
    tensors,
    notices: [...notices, `left out, being no tensors: ${describeFew(others, describeKey)}`],
  };
}

function addNameFault(name: PickleValue, problems: ProblemList): void {
  const message = `the name of a tensor is ${describeItem(name)}, where a text is needed`;
  problems.add({ code: "pytorch/structure", message });
}

/** The pairs of a dict, or of an OrderedDict that was filled after it was made, as Python 3 writes it. */
function pairsOf(value: PickleValue): Pairs | undefined {
  if (value instanceof Dictionary) return value.pairs;
  if (!(value instanceof Call) || value.global.name !== "collections.OrderedDict") return undefined;
  return value.args.length === 0 ? value.pairs : undefined;
}

function holdsTensors(pairs: Pairs | undefined): boolean {
  return pairs?.some(([, value]) => isTensor(value)) ?? false;
}

function describeKeys(pairs: Pairs): string {
  return pairs.length === 0
    ? "an empty dict"
    : `a dict with ${describeFew(pairs, describeKey)} and no tensor`;
}

function describeKey([key]: Pair): string {
  return describeItem(key);
}

function refuse(found: string, problems: ProblemList): undefined {
  problems.add({
    code: "pytorch/structure",
    message: `holds ${found}, where a dict of tensors by name is needed`,
    hint: "save what the model's state_dict() gives",
  });
}
