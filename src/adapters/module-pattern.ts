import type { MatchingEffort } from "./matching-effort.ts";
import type { MatchedText, Places } from "./pattern-steps.ts";
import { parsePattern } from "./pattern-syntax.ts";

/** A key of `rank_pattern` or `alpha_pattern`, ready to be compared with names of modules. */
export interface ModulePattern {
  /** Whether it matches a module's name, or what follows one of its dots: `q_proj` matches `model.layers.0.q_proj`. */
  matches(module: ModuleName): boolean;
}

/** The name of a module, ready to be compared with patterns. */
export interface ModuleName extends MatchedText {
  /** Its beginning, and the places behind its dots. */
  readonly starts: Places;
}

/** Units of effort that it takes to make one character of a name ready, and to begin comparing a name. */
const CHARACTER_COST = 10;
const COMPARISON_COST = 25;

/** @param effort what comparing it, and all names that share this effort, may take. @throws TooMuchEffort */
export function moduleName(name: string, effort: MatchingEffort): ModuleName {
  effort.spend(name.length * CHARACTER_COST);
  const characters = Array.from(name);
  const starts = [0];
  for (let place = 0; place < characters.length; place++)
    if (characters[place] === ".") starts.push(place + 1);
  return { characters, starts, effort };
}

/**
 * The pattern that PEFT matches as `(.*\.)?(KEY)$`, or why it can't be: see `parsePattern` for what is read. A pattern
 * is an adapter's own, and may be written to do harm: matching throws TooMuchEffort when it takes too long.
 * Source: peft/utils/other.py, `get_pattern_key`.
 */
export function modulePattern(key: string): ModulePattern | { readonly fault: string } {
  const step = parsePattern(key);
  if ("fault" in step) return step;
  return {
    matches(module) {
      module.effort.spend(COMPARISON_COST);
      return step(module, module.starts).at(-1) === module.characters.length;
    },
  };
}
