import { isTensorweldError, type Problem } from "../errors.ts";
import type { TensorContents } from "./verify-tensor.ts";
import type { NonFiniteTensor } from "./verification.ts";

/** What a verification has found so far. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly notices: string[] = [];
  readonly nonFinite: NonFiniteTensor[] = [];
  /** Files that were read to their ends. */
  files = 0;

  /**
   * Does `work` on one file. What it throws about that becomes problems, so that the others are looked at all the same;
   * then there is no result. @throws TensorweldError `interrupted`.
   */
  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isTensorweldError(error) || error.outcome === "interrupted") throw error;
      this.problems.push(...error.problems);
      return undefined;
    }
  }

  /** Notes a tensor's elements that are NaN or infinite, where there are or were any. */
  counted(tensor: string, { nonFinite: found = 0 }: TensorContents, recorded?: number): void {
    if (found === 0 && (recorded ?? 0) === 0) return;
    this.nonFinite.push({ tensor, found, ...(recorded !== undefined && { recorded }) });
  }
}
