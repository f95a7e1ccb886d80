import type { AppliedMethod } from "../methods/formula.ts";
import { isOnlyAdapter } from "../recipe/only-adapter.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { version } from "../version.ts";
import type { Input } from "./inputs.ts";
import { isShortEnough, type Provenance, type ProvenanceInput, provenanceText } from "./provenance.ts";
import type { Parent } from "./read-provenance.ts";

type Tell = (parent: Parent) => Provenance | string;

/**
 * The provenance of what `recipe` makes of `inputs`: with that of inputs that are merges themselves or, where that would
 * grow too long for the next merge to tell of, with its hash.
 * @param digest of the recipe's text, when it was read from a file: `sha256:` and the hash.
 */
export function makeProvenance(recipe: Recipe, inputs: readonly Input[], digest?: string): Provenance {
  const whole = assemble(recipe, digest, inputs, (parent) => parent.provenance ?? parent.digest);
  if (isShortEnough(provenanceText(whole))) return whole;
  return assemble(recipe, digest, inputs, (parent) => parent.digest);
}

function assemble(
  recipe: Recipe,
  digest: string | undefined,
  inputs: readonly Input[],
  tell: Tell,
): Provenance {
  const { combination, seed, dtype, prefix, device } = recipe;
  const { sparsify, merge } = combination;
  return {
    tool: "tensorweld",
    version,
    ...(sparsify && { sparsify }),
    ...(!isOnlyAdapter(recipe) && { merge: withoutWeights(merge) }),
    seed,
    ...(dtype && { dtype }),
    prefix,
    ...(digest !== undefined && { recipe: digest }),
    ...(device && { device }),
    inputs: inputs.map((input) => told(input, tell)),
  };
}

function withoutWeights({ method, parameters }: AppliedMethod): AppliedMethod {
  const { weight: _, ...others } = parameters;
  return { method, parameters: others };
}

function told({ name, role, weight, adapter, files, parent }: Input, tell: Tell): ProvenanceInput {
  return {
    name: name.text,
    role,
    ...(weight !== undefined && { weight }),
    ...(adapter && { adapter: { name: adapter.name.text, files: adapter.files } }),
    files,
    ...(parent && { provenance: tell(parent) }),
  };
}
