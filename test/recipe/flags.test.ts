import { describe, expect, test } from "vitest";

import type { FlagKind } from "../../src/recipe/flag.ts";
import { flags } from "../../src/recipe/flags.ts";
import { defaultOf, readFlags } from "../../src/recipe/read-flags.ts";

interface KindCase {
  /** Pairs of what is given and what it is read as. */
  readonly accepted: readonly (readonly [given: unknown, read: unknown])[];
  readonly refused: readonly unknown[];
}

const cases: Readonly<Record<Exclude<FlagKind, "choice">, KindCase>> = {
  path: { accepted: [["a/b", "a/b"]], refused: ["", 3, ["a"], true] },
  paths: {
    accepted: [
      [["a"], ["a"]],
      [
        ["a b", "c"],
        ["a b", "c"],
      ],
    ],
    refused: ["a", [], ["a", ""], [1], {}],
  },
  "path-text": {
    accepted: [
      ["a,b", ["a", "b"]],
      ["a, b c", ["a", "b c"]],
    ],
    refused: ["", "a,,b", ["a"]],
  },
  names: {
    accepted: [
      [["config.json"], ["config.json"]],
      [[], []],
    ],
    refused: [["../config.json"], ["a/b"], ["a\\b"], [".."], ["."], [""], "config.json"],
  },
  switch: {
    accepted: [
      ...[true, "true", "True", "TRUE", "1", "yes", "Yes", 1].map((given) => [given, true] as const),
      ...[false, "false", "False", "0", "no", 0].map((given) => [given, false] as const),
    ],
    refused: ["", "on", "maybe", 2, ["true"], {}],
  },
  number: {
    accepted: [
      [0.25, 0.25],
      ["0.25", 0.25],
      ["+.5", 0.5],
      ["2.5e-1", 0.25],
    ],
    refused: ["", "a", "0x1", "1_0", "NaN", "Infinity", Number.NaN, Infinity, "1e999", true, [0.5]],
  },
  numbers: {
    accepted: [
      [
        [0.3, -0.5],
        [0.3, -0.5],
      ],
      [
        ["0.3", "-.5", "1e1"],
        [0.3, -0.5, 10],
      ],
      [["-0"], [0]],
    ],
    refused: [0.5, "0.3 0.7", [], [0.3, "x"], [Infinity]],
  },
  integer: {
    accepted: [
      [7, 7],
      ["7", 7],
      ["1e3", 1000],
    ],
    refused: [1.5, "1.5", -1, "-1", "x", 2 ** 60, "9007199254740993"],
  },
  size: {
    accepted: [
      [1000, 1000],
      ["1000", 1000],
      ["256MB", 256e6],
      ["1.5GB", 1.5e9],
      ["0.29 gb", 290e6],
      ["512MiB", 512 * 2 ** 20],
      ["2TiB", 2 ** 41],
    ],
    refused: ["", "5G", "-1GB", "GB", "1e3MB", 0, -1, 1.5, "9999999TiB", true],
  },
  workers: {
    accepted: [
      [4, 4],
      ["4", 4],
      ["auto", "auto"],
    ],
    refused: [0, "0", -1, 1.5, "all", ""],
  },
  dtype: {
    accepted: [
      ["BF16", "BF16"],
      ["bfloat16", "BF16"],
      ["float", "F32"],
      ["half", "F16"],
      ["float64", "F64"],
    ],
    refused: ["I64", "F8_E4M3", "", 16],
  },
};

describe.each([...flags])("%s", (name, flag) => {
  const { accepted, refused }: KindCase =
    flag.kind === "choice"
      ? {
          accepted: (flag.choices ?? []).map((choice) => [choice, choice] as const),
          refused: ["", "other", 1, [], true],
        }
      : cases[flag.kind];

  test.each(accepted.filter(([, value]) => typeof value !== "number" || inBounds(value)))(
    "reads %j",
    (given, value) => {
      expect(readFlags({ [name]: given })).toMatchObject({ problems: [], values: { [name]: value } });
    },
  );

  test.each(refused.map((value) => [value]))("refuses %j", (value) => {
    const { problems, values } = readFlags({ [name]: value });
    expect(problems).toMatchObject([{ code: "request/invalid-value", key: name }]);
    expect(problems[0]?.message).toMatch(/^(value \d+: )?expected .+, got .+$/);
    expect(values[name]).toEqual(defaultOf(flag));
  });

  test("can be given with hyphens", () => {
    expect(readFlags({ [name.replaceAll("_", "-")]: accepted[0]![0] }).given).toContain(name);
  });

  test("has a sentence of help, and a default of its own kind", () => {
    expect(flag.doc).toMatch(/^[A-Z].*\.$/);
    expect(flag.default === undefined).toBe(defaultOf(flag) === undefined);
  });

  function inBounds(value: number): boolean {
    return value >= (flag.minimum ?? -Infinity) && value <= (flag.maximum ?? Infinity);
  }
});

test.each([
  ["reserve_p", 0],
  ["reserve_p", 1.5],
  ["reserve_p", Number.NaN],
  ["epsilon", -0.1],
  ["epsilon", 1],
  ["slerp_normalize_eps", -1e-9],
  ["split_pieces", 0],
])("%s %j is out of bounds", (name, value) => {
  expect(readFlags({ [name]: value }).problems).toMatchObject([{ code: "request/invalid-value", key: name }]);
});

test("reserve_p 1 keeps everything", () => {
  expect(readFlags({ reserve_p: 1 })).toMatchObject({ problems: [], values: { reserve_p: 1 } });
});

test("the defaults are those of the specification", () => {
  expect(readFlags({}).values).toMatchInlineSnapshot(`
    {
      "allow_non_finite": false,
      "device": "cpu",
      "epsilon": 0.14,
      "fallback": false,
      "gpu_memory": 256000000,
      "lenient": false,
      "max_memory": 256000000,
      "max_shard_size": 5000000000,
      "merge_method": "linear",
      "merge_prefix": "model",
      "model_card": true,
      "n_process": 1,
      "normalize": false,
      "overwrite": false,
      "report": false,
      "rescale": true,
      "reserve_p": 0.7,
      "resume": false,
      "seed": 42,
      "slerp_alpha": 0.5,
      "slerp_dot_threshold": 0.9995,
      "slerp_normalize_eps": 1e-8,
      "strict": false,
      "tensor_type": "np",
      "ties_elect_type": "sum",
    }
  `);
});
