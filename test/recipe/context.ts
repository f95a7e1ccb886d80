import { isTensorweldError } from "../../src/errors.ts";
import type { Problem } from "../../src/errors.ts";
import type { RequestContext } from "../../src/recipe/config.ts";

/** A machine with eight cores whose current folder is /here. */
export const context: RequestContext = {
  cores: 8,
  resolve: (path) => (path.startsWith("/") ? path : `/here/${path}`),
};

/** The smallest configuration that is complete. */
export const complete = { model_path_list: ["a", "b"], output_path: "out" };

/** The problems that `action` is refused with. */
export function problemsOf(action: () => unknown): readonly Problem[] {
  try {
    action();
  } catch (error) {
    if (isTensorweldError(error) && error.outcome === "refused") return error.problems;
    throw error;
  }
  throw new Error("was not refused");
}
