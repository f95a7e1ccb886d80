/** Bounds of a number; absent: none. `above` and `below` are themselves outside. */
export interface Bounds {
  readonly minimum?: number | undefined;
  readonly above?: number | undefined;
  readonly below?: number | undefined;
  readonly maximum?: number | undefined;
}

/** The bounds in words, `at least 0 and below 1`; empty without any. */
export function boundsText({ minimum, above, below, maximum }: Bounds): string {
  const texts = [
    minimum === undefined ? "" : `at least ${minimum}`,
    above === undefined ? "" : `above ${above}`,
    below === undefined ? "" : `below ${below}`,
    maximum === undefined ? "" : `at most ${maximum}`,
  ];
  return texts.filter((text) => text !== "").join(" and ");
}

/** Whether `value` is a number within the bounds; NaN never is. */
export function isWithin({ minimum, above, below, maximum }: Bounds, value: number): boolean {
  return (
    value >= (minimum ?? -Infinity) &&
    value <= (maximum ?? Infinity) &&
    !(above !== undefined && value <= above) &&
    !(below !== undefined && value >= below)
  );
}
