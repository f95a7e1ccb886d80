import { character, choice, only, repeated, run, sequence } from "./pattern-steps.ts";
import type { CharacterTest, Step } from "./pattern-steps.ts";

/** Characters of a pattern. Real ones are names of modules, of some sixty characters. */
const maxPatternCharacters = 500;

/**
 * The regular expression `pattern`, in what Python's syntax and names of modules have in common: characters, `.`,
 * classes, `\d` `\w` `\s`, groups with alternatives, `*` `+` `?`, `^`, `$`. The rest is a fault, as is a repetition
 * inside another, which would take time that grows with the square of a name.
 */
export function parsePattern(pattern: string): Step | { readonly fault: string } {
  if (pattern.length > maxPatternCharacters)
    return { fault: `has more than ${maxPatternCharacters} characters` };
  const parser = new Parser(pattern);
  try {
    const { step } = parser.readChoice();
    return parser.isAtEnd() ? step : { fault: parser.unexpected().message };
  } catch (error) {
    if (error instanceof PatternFault) return { fault: error.message };
    throw error;
  }
}

/** Carries a fault from the depth of a pattern to `parsePattern`; never leaves this file. */
class PatternFault extends Error {}

interface Part {
  readonly step: Step;
  /** Whether it holds a `*` or a `+`. */
  readonly repeats: boolean;
  /** Of a part that is a single character. */
  readonly test?: CharacterTest;
}

/** Units of effort that it takes to look a character up in Unicode's tables. */
const LOOKUP_COST = 10;

const classEscapes: ReadonlyMap<string, CharacterTest> = new Map(
  (
    [
      ["d", (character) => /\p{Nd}/u.test(character)],
      ["D", (character) => !/\p{Nd}/u.test(character)],
      ["w", (character) => /[\p{L}\p{N}_]/u.test(character)],
      ["W", (character) => !/[\p{L}\p{N}_]/u.test(character)],
      ["s", (character) => /\s/.test(character)],
      ["S", (character) => !/\s/.test(character)],
    ] satisfies [string, CharacterTest["accepts"]][]
  ).map(([letter, accepts]) => [letter, { accepts, cost: LOOKUP_COST }]),
);

class Parser {
  private readonly characters: readonly string[];
  private at = 0;

  constructor(pattern: string) {
    this.characters = Array.from(pattern);
  }

  isAtEnd(): boolean {
    return this.at === this.characters.length;
  }

  readChoice(): Part {
    const options = [this.readSequence()];
    while (this.take("|")) options.push(this.readSequence());
    return { step: choice(options.map(({ step }) => step)), repeats: options.some(({ repeats }) => repeats) };
  }

  unexpected(): PatternFault {
    const rest = this.characters.slice(this.at, this.at + 3).join("");
    if (rest === "") return new PatternFault("ends in the middle of a group, a class or an escape");
    const found = `${JSON.stringify(rest)} at character ${this.at + 1}`;
    return new PatternFault(`has ${found}, which is no part of the regular expressions that are read here`);
  }

  private readSequence(): Part {
    const parts: Part[] = [];
    while (!this.isAtEnd() && !this.sees("|") && !this.sees(")")) parts.push(this.readRepetition());
    return { step: sequence(parts.map(({ step }) => step)), repeats: parts.some(({ repeats }) => repeats) };
  }

  private readRepetition(): Part {
    const { step, repeats, test } = this.readAtom();
    const start = this.at;
    if (this.take("?")) return this.afterQuantifier({ step: choice([step, sequence([])]), repeats });
    const anyNumber = test === undefined ? repeated(step) : run(test);
    const many = this.take("*") ? anyNumber : this.take("+") ? sequence([step, anyNumber]) : undefined;
    if (many === undefined) return { step, repeats };
    if (!repeats) return this.afterQuantifier({ step: many, repeats: true });
    this.at = start;
    throw this.unexpected();
  }

  private afterQuantifier(part: Part): Part {
    // A lazy quantifier finds another match first; whether there is one, which is all that counts, is the same.
    this.take("?");
    return part;
  }

  private readAtom(): Part {
    const start = this.at;
    if (this.take("(")) return this.readGroup(start);
    if (this.take("^")) return { step: only((place) => place === 0), repeats: false };
    if (this.take("$")) return { step: only((place, text) => place === text.length), repeats: false };
    const test = this.readTest();
    return { step: character(test), repeats: false, test };
  }

  private readGroup(start: number): Part {
    if (this.take("?") && !this.take(":")) {
      this.at = start;
      throw this.unexpected();
    }
    const part = this.readChoice();
    if (!this.take(")")) throw this.unexpected();
    return part;
  }

  private readTest(): CharacterTest {
    if (this.take("[")) return this.readClass();
    if (this.take("\\")) return this.readEscape();
    if (this.take(".")) return { accepts: (character) => character !== "\n", cost: 1 };
    if (["*", "+", "?", "{"].some((special) => this.sees(special))) throw this.unexpected();
    return isCharacter(this.readCharacter());
  }

  private readClass(): CharacterTest {
    const negated = this.take("^");
    const tests: CharacterTest[] = [];
    // A bracket that comes first stands for itself, as in Python.
    do tests.push(this.readClassItem());
    while (!this.take("]"));
    return {
      accepts: (character) => tests.some(({ accepts }) => accepts(character)) !== negated,
      cost: tests.reduce((sum, { cost }) => sum + cost, 1),
    };
  }

  private readClassItem(): CharacterTest {
    if (this.take("\\")) return this.readEscape();
    const first = this.readCharacter();
    const isRange = this.sees("-") && this.characters[this.at + 1] !== "]";
    if (!isRange) return isCharacter(first);
    this.at++;
    if (this.sees("\\")) throw this.unexpected();
    const last = this.readCharacter();
    const [low, high] = [first.codePointAt(0)!, last.codePointAt(0)!];
    return {
      accepts: (character) => character.codePointAt(0)! >= low && character.codePointAt(0)! <= high,
      cost: 2,
    };
  }

  private readEscape(): CharacterTest {
    const known = classEscapes.get(this.characters[this.at] ?? "");
    if (known !== undefined) {
      this.at++;
      return known;
    }
    // Other letters and digits mean something else: ends of words, groups, tabs.
    if (/[\p{L}\p{N}]/u.test(this.characters[this.at] ?? "")) throw this.unexpected();
    return isCharacter(this.readCharacter());
  }

  private readCharacter(): string {
    if (this.isAtEnd()) throw this.unexpected();
    return this.characters[this.at++]!;
  }

  private take(character: string): boolean {
    if (!this.sees(character)) return false;
    this.at++;
    return true;
  }

  private sees(character: string): boolean {
    return this.characters[this.at] === character;
  }
}

function isCharacter(wanted: string): CharacterTest {
  return { accepts: (character) => character === wanted, cost: 1 };
}
