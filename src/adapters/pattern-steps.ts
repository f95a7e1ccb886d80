import type { MatchingEffort } from "./matching-effort.ts";

/**
 * A part of a regular expression, as what it does to places in a text: from each place where the part may begin to all
 * places where it may end. Nothing is tried and taken back, so time grows with the text and never explodes.
 */
export type Step = (text: MatchedText, from: Places) => Places;

/** A text that patterns are compared with. */
export interface MatchedText {
  /** Its code points. */
  readonly characters: readonly string[];
  /** What comparing it may still take. */
  readonly effort: MatchingEffort;
}

/** Numbers of characters before a place, ascending. */
export type Places = readonly number[];

/** Says of a character whether it passes. */
export interface CharacterTest {
  readonly accepts: (character: string) => boolean;
  /** Units of effort that it takes. */
  readonly cost: number;
}

/** Steps over one character that passes a test. */
export function character({ accepts, cost }: CharacterTest): Step {
  return ({ characters, effort }, from) => {
    effort.spend(from.length * cost);
    const after: number[] = [];
    for (const place of from) {
      if (place < characters.length && accepts(characters[place]!)) after.push(place + 1);
    }
    return after;
  };
}

/** Steps over any number of characters in a row that pass a test, none included. */
export function run({ accepts, cost }: CharacterTest): Step {
  return ({ characters, effort }, from) => {
    const reached: number[] = [];
    for (const place of from) {
      // The run from a place before this one has come past it.
      if (reached.length > 0 && place <= reached.at(-1)!) continue;
      reached.push(place);
      for (let at = place; at < characters.length && accepts(characters[at]!); at++) reached.push(at + 1);
    }
    effort.spend((from.length + reached.length) * (cost + 1));
    return reached;
  };
}

/** Stays where it is, at places that pass a test. */
export function only(accepts: (place: number, characters: readonly string[]) => boolean): Step {
  return ({ characters, effort }, from) => {
    effort.spend(from.length);
    return from.filter((place) => accepts(place, characters));
  };
}

/** One step after the other. */
export function sequence(steps: readonly Step[]): Step {
  return (text, from) => {
    let places = from;
    for (const step of steps) {
      // Most names differ from most patterns at their first characters.
      if (places.length === 0) break;
      places = step(text, places);
    }
    return places;
  };
}

/** Any one of the steps. */
export function choice(steps: readonly Step[]): Step {
  const [first] = steps;
  if (first !== undefined && steps.length === 1) return first;
  return (text, from) => {
    const reached = new Set<number>();
    for (const step of steps) {
      const places = step(text, from);
      text.effort.spend(places.length * SET_COST);
      for (const place of places) reached.add(place);
    }
    return ascending(reached);
  };
}

/** The step any number of times, none included. */
export function repeated(step: Step): Step {
  return (text, from) => {
    const reached = new Set(from);
    for (let latest = from; latest.length > 0;) {
      text.effort.spend(latest.length * SET_COST);
      latest = step(text, latest).filter((place) => !reached.has(place));
      for (const place of latest) reached.add(place);
    }
    return ascending(reached);
  };
}

/** Units of effort that it takes to put a place into a set, and to find and sort it there. */
const SET_COST = 30;

function ascending(places: ReadonlySet<number>): Places {
  return [...places].toSorted((a, b) => a - b);
}
