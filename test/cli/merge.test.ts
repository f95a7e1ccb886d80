import { describe, expect, test } from "vitest";

import { TensorweldError } from "../../src/index.ts";
import type { Config } from "../../src/index.ts";
import { runLine } from "./host.ts";
import { smallPlan, smallReport } from "./small-plan.ts";

const engine = { plan: () => Promise.resolve(smallPlan), execute: () => Promise.resolve(smallReport) };

/** The configuration that a command line asks the engine to plan. */
async function configOf(args: readonly string[], file?: Config): Promise<Config | undefined> {
  let config: Config | undefined;
  await runLine(["plan", ...args], {
    engine: {
      plan: (given) => {
        config = given;
        return Promise.resolve(smallPlan);
      },
      ...(file !== undefined && { readConfig: () => Promise.resolve(file) }),
    },
  });
  return config;
}

describe("flags as they are typed", () => {
  test.each([
    ["--model_path_list A B --output_path OUT", { model_path_list: ["A", "B"], output_path: "OUT" }],
    ["--model-path-list A --model_path_list B", { model_path_list: ["A", "B"] }],
    ["--model_path_list=A --seed=7", { model_path_list: ["A"], seed: "7" }],
    [
      "--weight_list 0.3 -0.5 -.5 -1e-3 -1E-3 --seed 1",
      {
        weight_list: ["0.3", "-0.5", "-0.5", "-0.001", "-0.001"],
        seed: "1",
      },
    ],
    ["--weight_list -1 2", { weight_list: ["-1", "2"] }],
    ["--slerp-alpha=-0.5", { slerp_alpha: "-0.5" }],
    ["--output_path=a-b_c=d", { output_path: "a-b_c=d" }],
    ["--normalize", { normalize: "true" }],
    ["--normalize True --rescale no", { normalize: "True", rescale: "no" }],
    ["--no_normalize --no-rescale", { normalize: "false", rescale: "false" }],
    ["--seed 1 --seed 1", { seed: "1" }],
    ["--merge_prefix master_weights --quiet", { merge_prefix: "master_weights" }],
    ["--merge_preifx model", { merge_preifx: "model" }],
    ["", {}],
  ])("%s", async (line, config) => {
    expect(await configOf(line.split(" ").filter(Boolean))).toEqual(config);
  });

  test("override the keys of a file", async () => {
    const file: Config = { seed: 1, model_path_list: ["a", "b"], weight_list: [1, 2] };
    expect(await configOf(["m.json", "--model-path-str", "c,d", "--seed", "2"], file)).toEqual({
      seed: "2",
      model_path_str: "c,d",
      weight_list: [1, 2],
    });
  });
});

describe("what is wrong", () => {
  const planRefused = (): never => {
    throw new TensorweldError("refused", [
      { code: "request/missing-value", key: "model_path_list", message: "is missing" },
      { code: "request/invalid-value", key: "seed", message: 'expected a whole number, at least 0, got "x"' },
    ]);
  };

  test("with the line and with the request is said at once", async () => {
    const line = "merge --slerp_alhpa 0.3 --quite --temperature 1 --output_path --model_pth_list a --seed x";
    expect(await runLine(line.split(" "), { engine: { plan: planRefused } })).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "Refused: 6 problems
        --slerp_alhpa: there is no such flag
          did you mean --slerp_alpha?
        --quite: there is no such flag
          did you mean --quiet?
        --temperature: there is no such flag
          tensorweld merge --help lists all flags
        --model_pth_list: there is no such flag
          did you mean --model_path_list?
        --output_path: needs a value: --output_path <path>
        --seed: expected a whole number, at least 0, got "x"",
        "out": "",
        "statuses": [],
      }
    `);
  });

  test("is JSON where JSON is wanted", async () => {
    const { code, out, err } = await runLine(["merge", "--json", "--seed", "1", "--seed", "2"], { engine });
    expect({ code, err, out: JSON.parse(out) as unknown }).toEqual({
      code: 2,
      err: "",
      out: {
        error: {
          outcome: "refused",
          problems: [
            {
              code: "request/contradiction",
              key: "seed",
              message: "is given more than once, as 1 and as 2",
              hint: "keep one of them",
            },
          ],
        },
      },
    });
  });

  test.each([
    ["--normalize --no_normalize", "--normalize: is given more than once, as true and as false"],
    ["a.json OUT c.json", 'the argument "c.json" is one too many'],
    ["--seed", "--seed: needs a value: --seed <integer>"],
    ["--seed= --json=1", "--seed: needs a value: --seed <integer>"],
    [
      "--model_path_list a --model_path_list",
      "--model_path_list: needs a value: --model_path_list <paths...>",
    ],
    ["--json=1", "--json: takes no value"],
    ["-x", "there is no flag -x"],
    ["--5", "--5: there is no such flag"],
    ["--no_seed", "--no_seed: there is no such flag"],
    [
      "recipe.txt",
      '"recipe.txt" is neither a recipe nor a configuration: its name ends in none of .yml, .yaml',
    ],
    ["A B", '"A" is neither a recipe nor a configuration'],
  ])("%s", async (line, message) => {
    const readConfig = (): Promise<Config> => Promise.resolve({});
    const { code, err } = await runLine(["merge", ...line.split(" ")], { engine: { ...engine, readConfig } });
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  test.each([
    ["failed", 1],
    ["interrupted", 130],
  ] as const)("%s ends with %i", async (outcome, exitCode) => {
    const execute = (): never => {
      throw new TensorweldError(outcome, [{ code: "io/write", file: "/out", message: "no space left" }]);
    };
    const { code, out, err } = await runLine(["merge"], { engine: { ...engine, execute } });
    expect({ code, out }).toEqual({ code: exitCode, out: "" });
    expect(err).toContain("  /out: no space left");
  });

  test("a fault of the program is one line, and a way to the trace", async () => {
    const execute = (): never => {
      throw new RangeError("offset \u001b[2J is out of bounds");
    };
    const { code, err } = await runLine(["merge", "--quiet"], { engine: { ...engine, execute } });
    expect({ code, err }).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "A fault in tensorweld itself: offset \\u001b[2J is out of bounds
      Run it again with TENSORWELD_DEBUG=1 to see where, and please report it.",
      }
    `);
    const traced = await runLine(["merge", "--quiet"], { engine: { ...engine, execute }, debug: true });
    expect(traced.err).toContain("merge.test.ts");
  });
});

describe("a merge that is done", () => {
  test("is summed up", async () => {
    expect(await runLine(["merge"], { engine })).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "note slerp_alpha has no effect on dare_linear.
      note ids differs between the models; the base's is kept.",
        "out": "Merged 2 models.
        method   dare_linear
        tensors  3 (2 merged, 1 copied)
        bytes    3.00 GB read, 1.00 GB written
        kept     50.0 % of /a, 50.0 % to 50.0 % by tensor
        kept     16.7 % of /b, 0.00 % to 33.3 % by tensor
        time     1.60 s, 2.50 GB/s
        memory   231 MB at the peak
        seed     42
        output   /out",
        "statuses": [
          "",
        ],
      }
    `);
  });

  test("says nothing but the result when it is to be quiet", async () => {
    const { out, err } = await runLine(["merge", "--quiet", "--json"], { engine });
    const reported = { ...smallReport, peakMemoryBytes: 231_000_000 };
    expect({ out: JSON.parse(out) as unknown, err }).toEqual({ out: reported, err: "" });
  });

  test("passes the signal on and shows progress", async () => {
    const { signal } = new AbortController();
    let time = 0;
    const { statuses } = await runLine(["merge"], {
      signal,
      tty: true,
      width: 70,
      now: () => (time += 1000),
      engine: {
        plan: engine.plan,
        execute: (_plan, options) => {
          expect(options?.signal).toBe(signal);
          options?.onProgress?.({ bytesDone: 1e9, bytesTotal: 4e9, tensorsDone: 1, tensorsTotal: 3 });
          options?.onProgress?.({ bytesDone: 2e9, bytesTotal: 4e9, tensorsDone: 2, tensorsTotal: 3 });
          return Promise.resolve(smallReport);
        },
      },
    });
    expect(statuses).toMatchInlineSnapshot(`
      [
        "███████░░░░░░░░░░░░░░░░░░░  25 %  1.00 GB/s  3.00 s left  1/3 tensors",
        "█████████████░░░░░░░░░░░░░  50 %  1.00 GB/s  2.00 s left  2/3 tensors",
        "",
      ]
    `);
  });
});
