import type { DType } from "../dtype.ts";
import { input, type Tensor } from "../formula/builder.ts";

/** What a formula must know of an operand: the type it is stored in, and what an adapter does to it. */
export interface FormulaOperand {
  readonly dtype: DType;
  /** A low-rank update that is added; with a magnitude, the sum is scaled to it (DoRA). */
  readonly update?: { readonly magnitude?: unknown };
}

/** One input of a pass: the stored elements of an operand, what is added to them, or what the sum is scaled by. */
export interface FormulaInput {
  /** Number of the operand. */
  readonly operand: number;
  readonly part: "stored" | "added" | "scaling";
  readonly dtype: DType;
}

/** The inputs of the passes over some operands: first what is stored, in their order, then what adapters bring. */
export function inputsOf(operands: readonly FormulaOperand[]): readonly FormulaInput[] {
  const stored = operands.map(({ dtype }, operand): FormulaInput => ({ operand, part: "stored", dtype }));
  const brought = operands.flatMap(({ update }, operand): readonly FormulaInput[] => {
    if (update === undefined) return [];
    // Adapters are computed in float32, whatever the weights are stored in: rounding comes once, at the output.
    const added: FormulaInput = { operand, part: "added", dtype: "F32" };
    return update.magnitude === undefined ? [added] : [added, { operand, part: "scaling", dtype: "F32" }];
  });
  return [...stored, ...brought];
}

/** The operands as formulas see them, their adapters applied. */
export function operandTensors(operands: readonly FormulaOperand[]): readonly Tensor[] {
  const inputs = inputsOf(operands);
  const find = (operand: number, part: FormulaInput["part"]): Tensor | undefined => {
    const number = inputs.findIndex((one) => one.operand === operand && one.part === part);
    return number < 0 ? undefined : input(number);
  };
  return operands.map((_, operand) => {
    const added = find(operand, "added");
    const scaling = find(operand, "scaling");
    const stored = input(operand);
    const sum = added === undefined ? stored : stored.add(added);
    return scaling === undefined ? sum : sum.mul(scaling);
  });
}
