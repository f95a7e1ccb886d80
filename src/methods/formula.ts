import { arithmeticOf, type DType, precisionFor } from "../dtype.ts";
import { count, type Tensor, total, where } from "../formula/builder.ts";
import { type Formula, lower, type Observation, type Passes } from "../formula/lower.ts";
import { isLargeTensor } from "../formula/magnitude-tree.ts";
import type { Merged } from "./define.ts";
import { methods, sparsifiers } from "./index.ts";
import { type FormulaOperand, inputsOf, operandTensors } from "./operands.ts";
import { type ParameterValues, valuesOfModel, withDefaults } from "./parameters.ts";

/** A method or sparsifier and values of its parameters, each within its range: plain data. */
export interface AppliedMethod {
  readonly method: string;
  /** What is absent is as the method declares. A sparsifier's number may be a list, of one for each model. */
  readonly parameters: ParameterValues;
}

/** What is done to the models: each is thinned out, when there is a sparsifier, then they are merged. */
export interface Combination {
  readonly sparsify?: AppliedMethod;
  readonly merge: AppliedMethod;
}

/** A tensor that goes into a step: an operand, by its number, or what another step makes of some. */
export type StepInput = number | Step;

/** A merge whose result is not stored but goes into the next one. */
export interface Step {
  readonly combination: Combination;
  /** The base first, when there is one, then the models. */
  readonly inputs: readonly StepInput[];
  readonly hasBase: boolean;
}

/** What a formula depends on besides the combination: facts of a tensor's task or of a piece of it. */
export interface Operation {
  /** What is read. */
  readonly operands: readonly FormulaOperand[];
  /** What is combined, the base first, when there is one, then the models; absent: the operands in their order. */
  readonly inputs?: readonly StepInput[];
  readonly target: { readonly dtype: DType };
  readonly hasBase: boolean;
  /** Elements of the whole tensor. */
  readonly tensorElements: number;
}

/** Names of the observations that every formula has: how many elements are finite in all operands, and in the output. */
export const FINITE_INPUTS = "finite inputs";
export const FINITE_OUTPUTS = "finite outputs";

/** Name of the observation, one per model, of how many elements a sparsifier keeps. */
export const KEPT = "kept";

/**
 * The formula of one tensor of the output, all the steps to it included: nothing is rounded in between. With a base, what
 * is merged are the models' differences to it, and the base is added to the result.
 */
function formulaOf(
  combination: Combination,
  { operands: read, inputs, target, hasBase }: Operation,
): Formula {
  const operands = operandTensors(read);
  const builder = new StepBuilder(operands);
  const last = { combination, inputs: inputs ?? [...operands.keys()], hasBase };
  const { tensor: output, observations } = builder.build(last);
  // The difference of a number to itself is zero or, when it is not finite, NaN, which is not equal to itself.
  const nothing = total(operands.map((operand) => operand.sub(operand)));
  const finite = { name: FINITE_INPUTS, value: count(nothing.eq(nothing)) };
  const overflow = arithmeticOf(target.dtype)?.overflow ?? Infinity;
  const stored = { name: FINITE_OUTPUTS, value: count(output.abs().lt(overflow)) };
  return { output, observations: [finite, stored, ...observations] };
}

/** Builds the formulas of steps within each other. */
class StepBuilder {
  private readonly operands: readonly Tensor[];
  /** Random streams given away: each model of each step has its own. */
  private streams = 0;

  constructor(operands: readonly Tensor[]) {
    this.operands = operands;
  }

  /** What a step makes, and what is observed of it; of those before, nothing is. */
  build({ combination: { sparsify, merge }, inputs, hasBase }: Step): Merged {
    const firstStream = this.streams;
    this.streams += inputs.length;
    const tensors = inputs.map((input) =>
      typeof input === "number" ? this.operands[input]! : this.build(input).tensor,
    );
    const base = hasBase ? tensors[0]! : undefined;
    const deltas = base === undefined ? tensors : tensors.slice(1).map((model) => model.sub(base));
    const thinned = sparsify === undefined ? undefined : sparsified(deltas, sparsify, firstStream);
    const method = known(methods.get(merge.method), merge);
    const values = withDefaults(method.parameters, merge.parameters, deltas.length);
    const merged = method.merge(thinned?.tensors ?? deltas, values);
    const { tensor, observations } = "tensor" in merged ? merged : { tensor: merged, observations: [] };
    return {
      tensor: base === undefined ? tensor : base.add(tensor),
      observations: [...(thinned?.observations ?? []), ...observations],
    };
  }
}

/** Formulas as passes over their operands; each is built and lowered once, however many tensors it serves. */
export class PassesCache {
  private readonly known = new Map<string, Passes>();

  passesOf(combination: Combination, operation: Operation): Passes {
    const { operands, inputs: steps, target, hasBase, tensorElements } = operation;
    const inputs = inputsOf(operands);
    const isLarge = isLargeTensor(tensorElements);
    const key = JSON.stringify([combination, inputs, steps, target.dtype, hasBase, isLarge]);
    let passes = this.known.get(key);
    if (passes === undefined) {
      const precision = precisionFor([...inputs, target].map(({ dtype }) => dtype));
      passes = lower(formulaOf(combination, operation), { precision, isLarge });
      this.known.set(key, passes);
    }
    return passes;
  }
}

function sparsified(
  deltas: readonly Tensor[],
  applied: AppliedMethod,
  firstStream: number,
): { readonly tensors: readonly Tensor[]; readonly observations: readonly Observation[] } {
  const sparsifier = known(sparsifiers.get(applied.method), applied);
  const values = withDefaults(sparsifier.parameters, applied.parameters, deltas.length);
  const results = deltas.map((delta, model) =>
    sparsifier.sparsify(delta, valuesOfModel(values, model), firstStream + model),
  );
  return {
    tensors: results.map(({ kept, value }) => where(kept, value, 0)),
    observations: results.map(({ kept }) => ({ name: KEPT, value: count(kept) })),
  };
}

function known<T>(found: T | undefined, { method }: AppliedMethod): T {
  if (found === undefined) throw new Error(`the plan asks for an unknown method: ${method}`);
  return found;
}
