import { parsePattern } from "./pattern-syntax.ts";

/** A key of `rank_pattern` or `alpha_pattern`, ready to be compared with names of modules. */
export interface ModulePattern {
  /** The key as it is written. */
  readonly text: string;
  /** Whether it matches `module` or what follows one of its dots: `q_proj` matches `model.layers.0.self_attn.q_proj`. */
  matches(module: string): boolean;
}

/**
 * The pattern that PEFT matches as `(.*\.)?(KEY)$`, or why it can't be: see `parsePattern` for what is read. A pattern
 * is an adapter's own, and may be written to do harm; matching takes time in proportion to the name.
 * Source: peft/utils/other.py, `get_pattern_key`.
 */
export function modulePattern(key: string): ModulePattern | { readonly fault: string } {
  const step = parsePattern(key);
  if ("fault" in step) return step;
  return {
    text: key,
    matches(module) {
      const characters = Array.from(module);
      const starts = characters.flatMap((character, place) => (character === "." ? [place + 1] : []));
      return step(characters, new Set([0, ...starts])).has(characters.length);
    },
  };
}
