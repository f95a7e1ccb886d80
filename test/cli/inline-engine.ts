import type { Engine } from "../../src/cli/host.ts";
import { executePlan } from "../../src/execute/execute.ts";
import { startInline } from "../../src/execute/thread.ts";
import { check, devices, explain, inspect, plan, readConfig, readRecipe, verify } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";

/** The engine of the program, its threads working where they are called. */
export const inlineEngine: Engine = {
  check,
  devices,
  explain,
  inspect,
  plan,
  readConfig,
  readRecipe,
  verify,
  execute: (made, options) =>
    executePlan(made, options ?? {}, { storage: nodeStorage, startThread: startInline(nodeStorage) }),
};
