import type { Model } from "../models.ts";

/** A model with other names for its tensors; those without a name are left out. */
export function relabelled(model: Model, nameOf: (name: string) => string | undefined): Model {
  const relabel = <T>(entries: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map(
      [...entries].flatMap(([name, entry]) => {
        const label = nameOf(name);
        return label === undefined ? [] : [[label, entry] as const];
      }),
    );
  return mapped(model, relabel);
}

/** A model in which the tensor `name` has further names, adapters' updates included. */
export function withCopies(model: Model, name: string, copies: readonly string[]): Model {
  return mapped(model, <T>(entries: ReadonlyMap<string, T>): ReadonlyMap<string, T> => {
    const entry = entries.get(name);
    return entry === undefined
      ? entries
      : new Map([...entries, ...copies.map((copy) => [copy, entry] as const)]);
  });
}

function mapped(model: Model, map: <T>(entries: ReadonlyMap<string, T>) => ReadonlyMap<string, T>): Model {
  const { checkpoint, tensors, updates, made } = model;
  return {
    ...model,
    checkpoint: { ...checkpoint, tensors: map(checkpoint.tensors) },
    tensors: map(tensors),
    updates: map(updates),
    ...(made && { made: map(made) }),
  };
}
