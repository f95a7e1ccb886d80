import { input, type Tensor } from "../formula/builder.ts";
import type { ParameterValues } from "./define.ts";
import { methods } from "./index.ts";

/** A method and the values of all its parameters, each within its range: plain data. */
export interface AppliedMethod {
  readonly method: string;
  readonly parameters: ParameterValues;
}

/**
 * The formula of one tensor of the output. Operands are numbered with the base first, when there is one, then the
 * models. With a base, the method sees the models' differences to it, and the base is added to what it gives.
 */
export function formulaOf(applied: AppliedMethod, models: number, hasBase: boolean): Tensor {
  const method = methods.get(applied.method);
  if (method === undefined) throw new Error(`the plan asks for an unknown method: ${applied.method}`);
  if (!hasBase) return method.merge(inputs(0, models), applied.parameters);
  const base = input(0);
  const deltas = inputs(1, models).map((model) => model.sub(base));
  return base.add(method.merge(deltas, applied.parameters));
}

function inputs(first: number, count: number): readonly Tensor[] {
  return Array.from({ length: count }, (_, index) => input(first + index));
}
