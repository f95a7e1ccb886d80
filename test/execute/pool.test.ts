import { expect, test } from "vitest";

import { runTickets } from "../../src/execute/pool.ts";
import type { Thread } from "../../src/execute/thread.ts";
import type { Ticket } from "../../src/execute/ticket.ts";

function* tickets(count: number): Generator<Ticket, void> {
  for (let index = 0; index < count; index++) {
    const span = { file: 0, offset: index, dtype: "F32" as const };
    const piece = {
      firstElement: 0,
      elements: 1,
      operands: [span],
      hasBase: false,
      tensorElements: 1,
      target: span,
    };
    yield { pieces: [{ tensor: `t${index}`, ...piece }] };
  }
}

function thread(run: (ticket: Ticket) => Promise<void>): Thread {
  return {
    run: async (ticket) => {
      await run(ticket);
      return [{ kind: "copied", same: true, hashes: new BigUint64Array(0) }];
    },
    close: async () => {},
  };
}

const nameOf = (ticket: Ticket): string => ticket.pieces[0]!.tensor;

test("every ticket is done once, by threads that take the next as soon as they can", async () => {
  const done: string[] = [];
  const slow = thread(() => new Promise((resolve) => setTimeout(resolve, 5)));
  const fast = thread(async () => {});
  await runTickets(tickets(50), [slow, fast], (ticket) => done.push(nameOf(ticket)), undefined);
  expect(done.toSorted()).toEqual(Array.from({ length: 50 }, (_, index) => `t${index}`).toSorted());
});

test("a thread has two tickets at hand, so it never waits for the next", async () => {
  let atHand = 0;
  let most = 0;
  const counting = thread(async () => {
    most = Math.max(most, ++atHand);
    await new Promise((resolve) => setTimeout(resolve, 1));
    atHand--;
  });
  await runTickets(tickets(10), [counting], () => {}, undefined);
  expect(most).toBe(2);
});

test("the first failure stops handing out and is thrown as it is", async () => {
  const failure = new Error("ticket 3 failed");
  let started = 0;
  const failing = thread(async (ticket) => {
    started++;
    if (nameOf(ticket) === "t3") throw failure;
  });
  await expect(runTickets(tickets(1000), [failing], () => {}, undefined)).rejects.toBe(failure);
  expect(started).toBeLessThan(10);
});

test("an abort stops handing out, and what is under way is finished", async () => {
  const stop = new AbortController();
  const done: string[] = [];
  const working = thread(() => new Promise((resolve) => setTimeout(resolve, 1)));
  const note = (ticket: Ticket): void => {
    done.push(nameOf(ticket));
    if (done.length === 3) stop.abort();
  };
  await runTickets(tickets(1000), [working], note, stop.signal);
  expect(done.length).toBeGreaterThanOrEqual(3);
  expect(done.length).toBeLessThan(10);
});
