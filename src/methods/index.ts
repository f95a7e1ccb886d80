import { arceeFusion } from "./arcee-fusion.ts";
import { dare } from "./dare.ts";
import type { Method, Sparsifier } from "./define.ts";
import { karcher } from "./karcher.ts";
import { linear } from "./linear.ts";
import { magprune } from "./magprune.ts";
import { modelStock } from "./model-stock.ts";
import { multislerp } from "./multislerp.ts";
import { nearswap } from "./nearswap.ts";
import { nuslerp } from "./nuslerp.ts";
import { outliers } from "./outliers.ts";
import { passthrough } from "./passthrough.ts";
import { ram } from "./ram.ts";
import { ramplusTl } from "./ramplus-tl.ts";
import { sce } from "./sce.ts";
import { slerp } from "./slerp.ts";
import { ties } from "./ties.ts";
import { trim } from "./trim.ts";

/** All ways to merge by name. Adding one is adding its file and its name here. */
export const methods: ReadonlyMap<string, Method> = byName<Method>([
  linear,
  slerp,
  ties,
  nuslerp,
  multislerp,
  karcher,
  modelStock,
  sce,
  ram,
  ramplusTl,
  nearswap,
  arceeFusion,
  passthrough,
]);

/** All ways to thin out by name. Adding one is adding its file and its name here. */
export const sparsifiers: ReadonlyMap<string, Sparsifier> = byName<Sparsifier>([
  trim,
  dare,
  magprune,
  outliers,
]);

/** A sparsifier and a method that go by one name together. */
export interface Pair {
  readonly name: string;
  /** Absent when the models are merged as they are. */
  readonly sparsify?: string;
  readonly merge: string;
  /** Address of the paper that put them together. */
  readonly reference: string;
}

/** The pairs with a name, as PaddleNLP's `merge_method` knows them. */
export const pairs: ReadonlyMap<string, Pair> = byName<Pair>([
  { name: "linear", merge: "linear", reference: linear.reference },
  { name: "slerp", merge: "slerp", reference: slerp.reference },
  { name: "ties", sparsify: "trim", merge: "ties", reference: ties.reference },
  { name: "della", sparsify: "magprune", merge: "ties", reference: magprune.reference },
  { name: "della_linear", sparsify: "magprune", merge: "linear", reference: magprune.reference },
  { name: "dare_linear", sparsify: "dare", merge: "linear", reference: dare.reference },
  { name: "dare_ties", sparsify: "dare", merge: "ties", reference: dare.reference },
]);

/** The names of what pairs are made of, which flags put together in any other way too. */
export const parts: { readonly sparsifiers: readonly string[]; readonly methods: readonly string[] } = {
  sparsifiers: [...sparsifiers.keys()].filter((name) => isPart("sparsify", name)),
  methods: [...methods.keys()].filter((name) => isPart("merge", name)),
};

function isPart(step: "sparsify" | "merge", name: string): boolean {
  return [...pairs.values()].some((pair) => pair[step] === name);
}

function byName<T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T> {
  return new Map(all.map((one) => [one.name, one]));
}
