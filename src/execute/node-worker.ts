// Runs in a worker thread of Node: takes orders, answers each. Started by node-threads.ts.
import { parentPort, workerData } from "node:worker_threads";

import { nodeStorage } from "../io/node.ts";
import { Job, type JobSetup } from "./job.ts";
import { type Answer, type Order, packFailure } from "./messages.ts";

const job = new Job(nodeStorage, workerData as JobSetup);

parentPort?.on("message", ({ id, ticket }: Order) => {
  const answer = (message: Answer): void => parentPort?.postMessage(message);
  job.run(ticket).then(
    (result) => answer({ id, result }),
    (error: unknown) => answer({ id, failure: packFailure(error, ticket) }),
  );
});
