import type { ProblemCode } from "../../errors.ts";

/** Carries what is wrong with a pickle from the opcode that shows it to `readPickle`, which makes a problem of it. */
export class PickleFault extends Error {
  readonly code: ProblemCode;
  readonly hint: string | undefined;

  /** @param predicate what the opcode does wrong, a sentence whose subject is the opcode: `finds the stack empty`. */
  constructor(code: ProblemCode, predicate: string, hint?: string) {
    super(predicate);
    this.code = code;
    this.hint = hint;
  }
}

/** What to do about a pickle that no program writes like this. */
export const untrustedHint = "the file is damaged, or made to do harm: find out where it came from";
