/**
 * A part of a regular expression, as what it does to places in a text: from each place where the part may begin to all
 * places where it may end. Nothing is tried and taken back, so time grows with the text and never explodes.
 */
export type Step = (text: Characters, from: Places) => Places;

/** A text by its code points. */
export type Characters = readonly string[];

/** Numbers of characters before a place. */
export type Places = ReadonlySet<number>;

/** Steps over one character that passes a test. */
export function character(accepts: (character: string) => boolean): Step {
  return (text, from) => {
    const after = new Set<number>();
    for (const place of from) if (place < text.length && accepts(text[place]!)) after.add(place + 1);
    return after;
  };
}

/** Stays where it is, at places that pass a test. */
export function only(accepts: (place: number, text: Characters) => boolean): Step {
  return (text, from) => new Set([...from].filter((place) => accepts(place, text)));
}

/** One step after the other. */
export function sequence(steps: readonly Step[]): Step {
  return (text, from) => {
    let places = from;
    for (const step of steps) {
      // Most names differ from most patterns at their first characters.
      if (places.size === 0) break;
      places = step(text, places);
    }
    return places;
  };
}

/** Any one of the steps. */
export function choice(steps: readonly Step[]): Step {
  return (text, from) => new Set(steps.flatMap((step) => [...step(text, from)]));
}

/** The step any number of times, none included. */
export function repeated(step: Step): Step {
  return (text, from) => {
    const reached = new Set(from);
    for (let latest = from; latest.size > 0;) {
      latest = new Set([...step(text, latest)].filter((place) => !reached.has(place)));
      for (const place of latest) reached.add(place);
    }
    return reached;
  };
}
