/**
 * Units that comparing one adapter's patterns with the names of its modules may take: half a second to a second. A unit is
 * about what it takes to compare two characters. EVA gives every module a rank and an alpha by a pattern of its own; for a
 * model of 405 billion parameters that takes 95 million.
 */
const MAX_UNITS = 100_000_000;

/** Units that each step of a pattern takes besides. */
const STEP_UNITS = 5;

/** Counts the effort of matching, and gives up when it is too much. A pattern may be written to take for ever. */
export class MatchingEffort {
  private left = MAX_UNITS;

  /** Says that a step takes this many units. @throws TooMuchEffort */
  spend(units: number): void {
    this.left -= units + STEP_UNITS;
    if (this.left < 0) throw new TooMuchEffort();
  }
}

/** That an adapter's patterns take longer than anybody's would. */
export class TooMuchEffort extends Error {}
