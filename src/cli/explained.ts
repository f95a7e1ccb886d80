import { type Method, methods, type Pair, pairs, type Sparsifier, sparsifiers } from "../index.ts";

/** What a name stands for: the parts of a pair, or a sparsifier or a method by itself. */
export interface Explained {
  readonly name: string;
  readonly pair?: Pair;
  readonly sparsifier?: Sparsifier;
  readonly method?: Method;
}

/** What `name` stands for; a pair comes before a part of the same name, and is made of it. */
export function explain(name: string): Explained | undefined {
  const pair = pairs.get(name);
  const sparsifier = sparsifiers.get(pair === undefined ? name : (pair.sparsify ?? ""));
  const method = methods.get(pair?.merge ?? name);
  if (sparsifier === undefined && method === undefined) return undefined;
  return { name, ...(pair && { pair }), ...(sparsifier && { sparsifier }), ...(method && { method }) };
}

/** Every name that can be explained: those of pairs first. */
export function explainedNames(): readonly string[] {
  return [...new Set([...pairs.keys(), ...sparsifiers.keys(), ...methods.keys()])];
}
