import type { Problem } from "../errors.ts";
import type { ModelPlace } from "../recipe/recipe.ts";

/** The problems, those of models that a recipe file names told of the line where it first does. */
export function atTheirPlaces(
  problems: readonly Problem[],
  places: readonly ModelPlace[] = [],
): readonly Problem[] {
  return problems.map((problem) => {
    const place = places.find(({ path }) => problem.line === undefined && path === problem.file);
    if (place === undefined) return problem;
    const { path, ...position } = place;
    return { ...problem, ...position, message: `${problem.message}; here is ${path}` };
  });
}
