import type { Method } from "./define.ts";
import { linear } from "./linear.ts";

/** All methods by name. Adding one is adding its file and its name here. */
export const methods: ReadonlyMap<string, Method> = new Map(
  [linear].map((method) => [method.name, method as Method]),
);
