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
 * The tensors that what was saved holds by name: those of a dict, or of a dict in it under a key that training programs
 * use. Undefined when there are none; what is wrong with them, too, goes into `problems`.
 */
export function findStateDict(value: PickleValue, problems: ProblemList): StateDict | undefined {
  const pairs = pairsOf(value);
  if (pairs === undefined)
    return refuse(isTensor(value) ? "a single tensor" : describeValue(value), problems);
  return holdsTensors(pairs) ? collect(pairs, [], problems) : findInside(pairs, problems);
}

function findInside(pairs: Pairs, problems: ProblemList): StateDict | undefined {
  for (const key of modelKeys) {
    const [model, again] = pairs.filter(([name]) => name === key);
    if (again !== undefined) addTwice(key, problems);
    const inner = model === undefined ? undefined : pairsOf(model[1]);
    if (inner === undefined || !holdsTensors(inner)) continue;
    const others = pairs.filter((pair) => pair !== model);
    const leftOut = others.length === 0 ? "" : `; left out beside it: ${describeFew(others, describeKey)}`;
    return collect(inner, [`read from ${JSON.stringify(key)}${leftOut}`], problems);
  }
  return refuse(describeKeys(pairs), problems);
}

/** The tensors among `pairs`; what else is there becomes a notice after those given. */
function collect(pairs: Pairs, notices: readonly string[], problems: ProblemList): StateDict {
  const tensors = new Map<string, Call>();
  const others: Pair[] = [];
  const names = new Set<PickleValue>();
  for (const pair of pairs) {
    const [name, value] = pair;
    // Of two values of one name, Python keeps the later, tensor or not.
    if (typeof name === "string" && names.has(name)) addTwice(name, problems);
    names.add(name);
    if (!isTensor(value)) others.push(pair);
    else if (typeof name === "string") tensors.set(name, value);
    else addNameFault(name, problems);
  }
  const leftOut =
    others.length === 0 ? [] : [`left out, being no tensors: ${describeFew(others, describeKey)}`];
  return { tensors, notices: [...notices, ...leftOut] };
}

function addTwice(name: string, problems: ProblemList): void {
  problems.add({ code: "pytorch/duplicate-name", tensor: name, message: "is there twice" });
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

function holdsTensors(pairs: Pairs): boolean {
  return pairs.some(([, value]) => isTensor(value));
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
