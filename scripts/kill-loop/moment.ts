import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import type { Chance } from "./chance.ts";
import { isManifestStaged, journaledPieces, workshopOf } from "./workshop.ts";

/** Waits until a merge into `output` is where it is to be killed; `hasEnded` tells that it never will be. */
export type Moment = (output: string, hasEnded: () => boolean) => Promise<void>;

/** Milliseconds between two looks at what a merge has made so far. */
const LOOK_PAUSE = 1;

/** The longest that a moment comes after what it waits for, in milliseconds: about what a commit takes. */
const MAX_DELAY = 15;

/**
 * A random moment of a merge that takes `milliseconds` and writes `pieces` pieces: at any time, which is mostly while the
 * program starts, between any two pieces, or close to the end, when files are finished and the output gets its name.
 */
export function randomMoment(chance: Chance, milliseconds: number, pieces: number): Moment {
  const share = chance.next();
  // Squared, since most of what happens at the end happens at once.
  const delay = chance.next() ** 2 * MAX_DELAY;
  const kinds: readonly Moment[] = [
    () => pause(share * milliseconds),
    async (output, hasEnded) => {
      const wanted = Math.floor(share * (pieces + 1));
      await until(() => journaledPieces(output) >= wanted && existsSync(workshopOf(output)), hasEnded);
    },
    async (output, hasEnded) => {
      await until(() => isManifestStaged(output), hasEnded);
      await pause(delay);
    },
  ];
  return chance.one(kinds);
}

async function until(condition: () => boolean, hasEnded: () => boolean): Promise<void> {
  while (!hasEnded() && !condition()) await pause(LOOK_PAUSE);
}
