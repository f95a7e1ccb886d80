import {
  type Method,
  methods,
  type Pair,
  pairs,
  recipeMethods,
  type RecipeMethod,
  type Sparsifier,
  sparsifiers,
} from "../index.ts";

/** What a name stands for: the parts of a pair or of a recipe's method, or a sparsifier or a method by itself. */
export interface Explained {
  readonly name: string;
  readonly pair?: Pair;
  readonly sparsifier?: Sparsifier;
  readonly method?: Method;
  /** What recipes mean by it. */
  readonly recipe?: RecipeMethod;
}

/** What `name` stands for; a pair comes before a part of the same name, and is made of it. */
export function explain(name: string): Explained | undefined {
  const pair = pairs.get(name);
  const recipe = recipeMethods.get(name);
  const parts = pair ?? (recipe && { sparsify: recipe.sparsify?.method, merge: recipe.merge.method });
  const sparsifier = sparsifiers.get(parts === undefined ? name : (parts.sparsify ?? ""));
  const method = methods.get(parts?.merge ?? name);
  if (sparsifier === undefined && method === undefined) return undefined;
  return {
    name,
    ...(pair && { pair }),
    ...(sparsifier && { sparsifier }),
    ...(method && { method }),
    ...(recipe && { recipe }),
  };
}

/** Every name that can be explained: those of pairs first. */
export function explainedNames(): readonly string[] {
  return [...new Set([...pairs.keys(), ...recipeMethods.keys(), ...sparsifiers.keys(), ...methods.keys()])];
}
