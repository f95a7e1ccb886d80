import { Worker } from "node:worker_threads";

import { TensorweldError } from "../errors.ts";
import type { JobSetup } from "./job.ts";
import type { TicketResult } from "./piece-result.ts";
import { type Answer, type Order, type Told, unpackFailure } from "./messages.ts";
import type { Thread } from "./thread.ts";
import type { Ticket } from "./ticket.ts";

interface Waiting {
  readonly resolve: (result: TicketResult) => void;
  readonly reject: (error: TensorweldError) => void;
}

/**
 * Megabytes that new objects of a worker may take before those no longer used are collected. A ticket makes few and small
 * ones; by default there would be up to 50 of them, in each worker.
 */
const YOUNG_MEGABYTES = 4;

/** Starts a worker thread of Node. */
export function startNodeThread(setup: JobSetup): Thread {
  const worker = new Worker(new URL("./node-worker.js", import.meta.url), {
    workerData: setup,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
  const send = senderTo(worker);
  return {
    run: (ticket) => send(ticket, 0),
    close: async () => {
      await worker.terminate();
    },
  };
}

/**
 * A way to send tickets to a worker's jobs; each resolves with its result, and all fail when the worker dies.
 * @param tell is given what the worker says for users to hear.
 */
export function senderTo(
  worker: Worker,
  tell?: (notice: string) => void,
): (ticket: Ticket, job: number) => Promise<TicketResult> {
  const waiting = new Map<number, Waiting>();
  let nextId = 0;
  let death: TensorweldError | undefined;

  const die = (message: string, cause?: unknown): void => {
    death ??= new TensorweldError("failed", [{ code: "execute/worker", message }], {
      cause,
      retryable: true,
    });
    for (const { reject } of waiting.values()) reject(death);
    waiting.clear();
  };
  worker.on("error", (error: Error) => die(`a worker died: ${error.message}`, error));
  worker.on("exit", (code) => die(`a worker ended by itself, with exit code ${code}`));
  worker.on("message", (answer: Answer | Told) => {
    if ("notice" in answer) return tell?.(answer.notice);
    const order = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("result" in answer) order?.resolve(answer.result);
    else order?.reject(unpackFailure(answer.failure));
  });

  return (ticket, job) =>
    new Promise((resolve, reject) => {
      if (death !== undefined) return reject(death);
      const order: Order = { id: nextId++, job, ticket };
      waiting.set(order.id, { resolve, reject });
      worker.postMessage(order);
    });
}
