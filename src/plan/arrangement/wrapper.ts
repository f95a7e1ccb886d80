/** How names of a model become those that another model has for the same tensors. */
export interface Rewrapping {
  of(name: string): string;
  /** What it does, as a sentence about names. */
  readonly description: string;
}

/** First parts of names that are tried; models have one to five. */
const MAX_FIRST_PARTS = 8;

/**
 * The rewrapping under which most of `names` are in `wanted`; undefined when that is none. The same weights have one
 * part more or less at the start of their names when they were saved inside another model: `model.layers…` of Llama is
 * `language_model.model.layers…` in LLaVA, and `h.0…` of GPT-2 is `transformer.h.0…` in one with a head.
 */
export function rewrappingInto(
  wanted: ReadonlyMap<string, unknown>,
  names: readonly string[],
): Rewrapping | undefined {
  const candidates = [
    ...firstParts(names).map((part) => unwrapped(part, wanted)),
    ...firstParts(wanted.keys()).map((part) => wrapped(part, wanted)),
  ];
  let best: Rewrapping | undefined;
  let most = names.filter((name) => wanted.has(name)).length;
  for (const candidate of candidates) {
    const renamed = new Set(names.map((name) => candidate.of(name)));
    const found = [...renamed].filter((name) => wanted.has(name)).length;
    // Two tensors must not become one.
    if (renamed.size === names.length && found > most) [best, most] = [candidate, found];
  }
  return best;
}

function unwrapped(part: string, wanted: ReadonlyMap<string, unknown>): Rewrapping {
  return {
    of: (name) => (name.startsWith(part) && !wanted.has(name) ? name.slice(part.length) : name),
    description: `names are read without ${JSON.stringify(part)} at their start`,
  };
}

function wrapped(part: string, wanted: ReadonlyMap<string, unknown>): Rewrapping {
  return {
    of: (name) => (wanted.has(name) ? name : part + name),
    description: `names are read with ${JSON.stringify(part)} at their start`,
  };
}

/** What names start with, up to their first dot and with it. */
function firstParts(names: Iterable<string>): readonly string[] {
  const parts = new Set<string>();
  for (const name of names) {
    const dot = name.indexOf(".");
    if (dot > 0) parts.add(name.slice(0, dot + 1));
    if (parts.size === MAX_FIRST_PARTS) break;
  }
  return [...parts];
}
