/** First components of the base's names that are tried; models have one to three. */
const maxFirstComponents = 8;

/** How names of the model that an adapter was trained on become names of the base. */
export interface Renaming {
  of(name: string): string;
  /** What it does, as a sentence about names; absent when it does nothing. */
  readonly description?: string;
}

/**
 * The renaming under which the base has all of `names`; the one under which it has most of them when there is none. A
 * checkpoint may have been saved with or without the head that it is a part of, and its names then start with one
 * component more or less: GPT-2 on the Hub has `h.0.attn…` for `transformer.h.0.attn…`. One renaming serves all names.
 */
export function renamingInto(base: ReadonlyMap<string, unknown>, names: readonly string[]): Renaming {
  const candidates = [unchanged, ...withoutFirst(names), ...withFirst(base, names)];
  const found = (candidate: Renaming): number => names.filter((name) => base.has(candidate.of(name))).length;
  let best = unchanged;
  let most = found(best);
  for (const candidate of candidates) {
    const count = found(candidate);
    if (count > most) [best, most] = [candidate, count];
  }
  return best;
}

const unchanged: Renaming = { of: (name) => name };

function withoutFirst(names: readonly string[]): readonly Renaming[] {
  const [first, second] = new Set(names.map(firstComponent));
  if (first === undefined || first === "" || second !== undefined) return [];
  const description = `its names are read without "${first}." at their start, as the base's are`;
  return [{ of: (name) => name.slice(first.length + 1), description }];
}

/** With a component that some of the base's names start with; none when several would do equally well. */
function withFirst(base: ReadonlyMap<string, unknown>, names: readonly string[]): readonly Renaming[] {
  const firsts = new Set<string>();
  for (const name of base.keys()) {
    if (name.includes(".")) firsts.add(firstComponent(name));
    if (firsts.size === maxFirstComponents) break;
  }
  const serving = [...firsts].filter((first) => names.every((name) => base.has(`${first}.${name}`)));
  return serving.length !== 1
    ? []
    : serving.map((first) => ({
        of: (name) => `${first}.${name}`,
        description: `its names are read with "${first}." at their start, as the base's are`,
      }));
}

function firstComponent(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf(".")));
}
