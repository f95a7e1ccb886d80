import { isTensorweldError, type TensorweldError } from "../../src/errors.ts";

/** The error that `action` is refused with; anything else is thrown on. */
export async function refusal(action: Promise<unknown>): Promise<TensorweldError> {
  try {
    await action;
  } catch (error) {
    if (isTensorweldError(error) && error.outcome === "refused") return error;
    throw error;
  }
  throw new Error("was not refused");
}
