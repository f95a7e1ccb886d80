import { ReusedWords } from "../formula/reused-words.ts";
import { TICKETS_AT_HAND } from "./ticket.ts";

/**
 * Copies of what a thread counts, for whoever adds up the counts of all. They are made in turn in as many places as the
 * thread has tickets at hand: when a place comes round again, its last counts have been added up.
 */
export class SentCounts {
  private readonly places: readonly ReusedWords[][] = Array.from({ length: TICKETS_AT_HAND }, () => []);
  private next = 0;

  copies(tallies: readonly Uint32Array[]): readonly Uint32Array[] {
    const place = this.places[this.next]!;
    this.next = (this.next + 1) % this.places.length;
    return tallies.map((counts, index) => {
      const copy = (place[index] ??= new ReusedWords()).takeCounts(counts.length);
      copy.set(counts);
      return copy;
    });
  }
}
