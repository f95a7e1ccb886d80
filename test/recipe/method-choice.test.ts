import { expect, test } from "vitest";

import type { ParameterValues } from "../../src/methods/parameters.ts";
import { parseRequest } from "../../src/recipe/config.ts";
import type { Recipe } from "../../src/recipe/recipe.ts";
import { complete, context, problemsOf } from "./context.ts";

const parse = (config: object): Recipe["combination"] =>
  parseRequest({ ...complete, ...config }, context).recipe.combination;

const sparsifying: Readonly<Record<string, ParameterValues>> = {
  trim: { reserve: 0.7, rescale: true },
  dare: { reserve: 0.7, rescale: true },
  magprune: { reserve: 0.7, epsilon: 0.14, rescale: true },
};
const merging: Readonly<Record<string, ParameterValues>> = {
  linear: { weight: [1, 1], normalize: true },
  ties: { weight: [1, 1], elect: "sum", normalize: true },
  slerp: { alpha: 0.5, eps: 1e-8, dotThreshold: 0.9995 },
};

function combination(sparsify: string, merge: string): Recipe["combination"] {
  const parameters = sparsifying[sparsify];
  return {
    ...(parameters && { sparsify: { method: sparsify, parameters } }),
    merge: { method: merge, parameters: merging[merge]! },
  };
}

test.each([
  ["linear", "none", "linear"],
  ["slerp", "none", "slerp"],
  ["ties", "trim", "ties"],
  ["della", "magprune", "ties"],
  ["della_linear", "magprune", "linear"],
  ["dare_linear", "dare", "linear"],
  ["dare_ties", "dare", "ties"],
])("merge_method %s is %s with %s", (merge_method, sparsify_type, merge_type) => {
  const expected = combination(sparsify_type, merge_type);
  expect(parse({ merge_method })).toEqual(expected);
  expect(parse({ merge_method, sparsify_type, merge_type })).toEqual(expected);
});

test.each(
  ["none", ...Object.keys(sparsifying)].flatMap((sparsify) =>
    Object.keys(merging).map((merge) => [sparsify, merge] as const),
  ),
)("sparsify_type %s goes with merge_type %s", (sparsify_type, merge_type) => {
  expect(parse({ sparsify_type, merge_type })).toEqual(combination(sparsify_type, merge_type));
});

test.each([
  [{}, "none", "linear"],
  [{ sparsify_type: "none" }, "none", "linear"],
  [{ sparsify_type: "dare" }, "dare", "linear"],
  [{ merge_type: "ties" }, "none", "ties"],
])("%j is %s with %s", (config, sparsify, merge) => {
  expect(parse(config)).toEqual(combination(sparsify, merge));
});

test.each([
  [
    { merge_method: "linear", merge_type: "ties" },
    ["is ties, but merge_method linear means merge_type linear"],
  ],
  [
    { merge_method: "linear", sparsify_type: "dare" },
    ["is dare, but merge_method linear means sparsify_type none"],
  ],
  [
    { merge_method: "ties", sparsify_type: "none" },
    ["is none, but merge_method ties means sparsify_type trim"],
  ],
  [
    { merge_method: "della", sparsify_type: "dare", merge_type: "slerp" },
    [
      "is dare, but merge_method della means sparsify_type magprune",
      "is slerp, but merge_method della means merge_type ties",
    ],
  ],
])("%j contradicts itself", (config, messages) => {
  const hint = "leave one of the two out";
  expect(problemsOf(() => parse(config))).toMatchObject(
    messages.map((message) => ({ code: "request/contradiction", message, hint })),
  );
});

test.each([
  [{ merge_method: "lienar" }, "merge_method", "did you mean linear?"],
  [{ merge_method: "dare-ties", sparsify_type: "trim" }, "merge_method", "did you mean dare_ties?"],
  [{ merge_type: "dare" }, "merge_type", undefined],
  [{ sparsify_type: "prune" }, "sparsify_type", undefined],
])("%j names nothing, and nothing follows from it", (config, key, hint) => {
  expect(problemsOf(() => parse({ ...config, slerp_alpha: 2 }))).toEqual([
    {
      code: "request/invalid-value",
      key,
      message: expect.stringMatching(/^expected one of .*(linear|trim).*, got /) as string,
      ...(hint !== undefined && { hint }),
    },
  ]);
});
