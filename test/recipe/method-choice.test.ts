import { expect, test } from "vitest";

import { parseRequest } from "../../src/recipe/config.ts";
import { complete, context, problemsOf } from "./context.ts";

test.each([
  [{}],
  [{ merge_method: "linear" }],
  [{ merge_type: "linear" }],
  [{ sparsify_type: "none" }],
  [{ merge_method: "linear", merge_type: "linear", sparsify_type: "none" }],
])("%j is linear", (flags) => {
  expect(parseRequest({ ...complete, ...flags }, context).recipe.merge.method).toBe("linear");
});

test.each([
  [{ merge_method: "slerp" }, "merge_method", "slerp"],
  [{ merge_method: "ties" }, "merge_method", "ties"],
  [{ merge_method: "della" }, "merge_method", "della"],
  [{ merge_method: "della_linear" }, "merge_method", "della_linear"],
  [{ merge_method: "dare_linear" }, "merge_method", "dare_linear"],
  [{ merge_method: "dare_ties", merge_type: "ties" }, "merge_method", "dare_ties"],
  [{ merge_type: "slerp" }, "merge_type", "slerp"],
  [{ merge_type: "ties", sparsify_type: "dare" }, "merge_type", "dare with ties"],
  [{ sparsify_type: "trim" }, "sparsify_type", "trim with linear"],
  [{ sparsify_type: "magprune", merge_type: "linear" }, "sparsify_type", "magprune with linear"],
])("%j is not available yet", (flags, key, name) => {
  expect(problemsOf(() => parseRequest({ ...complete, ...flags }, context))).toEqual([
    {
      code: "request/not-available",
      key,
      message: `${name} is not available yet; this version has: linear`,
    },
  ]);
});

test.each([
  [
    { merge_method: "linear", merge_type: "ties" },
    "is ties, but merge_method linear means merge_type linear",
  ],
  [
    { merge_method: "linear", sparsify_type: "dare" },
    "is dare, but merge_method linear means sparsify_type none",
  ],
  [
    { merge_method: "ties", sparsify_type: "none" },
    "is none, but merge_method ties means sparsify_type trim",
  ],
])("%j contradicts itself", (flags, message) => {
  expect(problemsOf(() => parseRequest({ ...complete, ...flags }, context))).toMatchObject([
    { code: "request/contradiction", message, hint: "leave one of the two out" },
  ]);
});

test.each([
  [{ merge_method: "lienar" }, "merge_method", "did you mean linear?"],
  [{ merge_method: "dare-ties" }, "merge_method", "did you mean dare_ties?"],
  [{ merge_type: "dare" }, "merge_type", undefined],
  [{ sparsify_type: "prune" }, "sparsify_type", undefined],
])("%j names nothing", (flags, key, hint) => {
  expect(problemsOf(() => parseRequest({ ...complete, ...flags }, context))).toMatchObject([
    {
      code: "request/invalid-value",
      key,
      message: expect.stringMatching(/^expected one of .*linear|trim.*, got /) as string,
      ...(hint !== undefined && { hint }),
    },
  ]);
});
