import { once } from "node:events";
import type { Worker } from "node:worker_threads";

import { isTensorweldError, TensorweldError } from "../errors.ts";
import { type Failure, unpackFailure } from "./messages.ts";

/** What a worker that was asked for one thing says first: the thing, or why there is none. */
export type FirstMessage<T> = { readonly found: T } | { readonly failure: Failure };

/** What a worker found. @throws TensorweldError what it says instead, or that it ended without a word. */
export async function firstMessage<T>(worker: Worker): Promise<T> {
  const listening = new AbortController();
  const { signal } = listening;
  try {
    const ended = once(worker, "exit", { signal }).then(([code]) => {
      throw new Error(`it ended with exit code ${code}`);
    });
    const [message] = (await Promise.race([once(worker, "message", { signal }), ended])) as [FirstMessage<T>];
    if ("found" in message) return message.found;
    throw unpackFailure(message.failure);
  } catch (error) {
    if (isTensorweldError(error)) throw error;
    const message = `a worker died before its first word: ${error instanceof Error ? error.message : String(error)}`;
    throw new TensorweldError("failed", [{ code: "execute/worker", message }], { cause: error });
  } finally {
    listening.abort();
  }
}
