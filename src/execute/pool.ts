import type { TicketResult } from "./piece-result.ts";
import type { Thread } from "./thread.ts";
import { type Ticket, TICKETS_AT_HAND } from "./ticket.ts";

/**
 * Resolves when all tickets are done. They are handed out in order, to whichever thread is free; the first failure
 * stops handing out and is thrown.
 * @param done is told of each finished ticket, whose counts are good until it returns; tickets finish in any order.
 * @param signal stops handing out when aborted; tickets under way are finished.
 */
export async function runTickets(
  tickets: Iterator<Ticket, void>,
  threads: readonly Thread[],
  done: (ticket: Ticket, result: TicketResult) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  let failed = false;
  const work = async (thread: Thread): Promise<void> => {
    while (!failed && signal?.aborted !== true) {
      const next = tickets.next();
      if (next.done === true) return;
      try {
        done(next.value, await thread.run(next.value));
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const hands = threads.flatMap((thread) => Array.from({ length: TICKETS_AT_HAND }, () => work(thread)));
  const outcomes = await Promise.allSettled(hands);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}
