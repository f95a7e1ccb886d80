import { describe, expect, test } from "vitest";

import { type Check, TensorweldError } from "../../src/index.ts";
import { runLine } from "./host.ts";
import { smallPlan, smallReport } from "./small-plan.ts";

const { hash, cost, notices } = smallPlan;
const plan = { hash, cost, notices };

const error = {
  code: "plan/tensor-names",
  tensor: "lm_head.weight",
  file: "/b",
  message: "is missing here, and present in /a",
  hint: "merge models of the same architecture, with all their weights",
} as const;
const warning = {
  code: "check/config",
  file: "/b/config.json",
  message: "rope_theta is 2 here and 1 in /a/config.json",
  hint: "merge models made for the same settings",
} as const;
const plain = { code: "check/memory", message: "the merge takes 2 bytes of memory" } as const;

/** The outcome of `check` with some arguments when it finds `found`. */
function checking(found: Check, ...args: readonly string[]): ReturnType<typeof runLine> {
  return runLine(["check", ...args], { engine: { check: () => Promise.resolve(found) } });
}

describe("a check", () => {
  test("that finds nothing says what a merge would take", async () => {
    expect(await checking({ errors: [], warnings: [], plan })).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "note slerp_alpha has no effect on dare_linear.",
        "out": "A merge would read 3.00 GB, and take 170 MB of memory and 1.00 GB of disk.",
        "statuses": [],
      }
    `);
  });

  test("that finds warnings tells them and ends well", async () => {
    expect(await checking({ errors: [], warnings: [warning, plain], plan }, "--quiet"))
      .toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "2 warnings
        /b/config.json: rope_theta is 2 here and 1 in /a/config.json
          merge models made for the same settings
        the merge takes 2 bytes of memory

      A merge would read 3.00 GB, and take 170 MB of memory and 1.00 GB of disk.",
        "statuses": [],
      }
    `);
  });

  test("that finds errors tells them first and ends with 1", async () => {
    expect(await checking({ errors: [error], warnings: [warning] })).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "1 error
        /b, tensor "lm_head.weight": is missing here, and present in /a
          merge models of the same architecture, with all their weights

      1 warning
        /b/config.json: rope_theta is 2 here and 1 in /a/config.json
          merge models made for the same settings

      A merge would be refused.",
        "statuses": [],
      }
    `);
  });

  test("prints what it found as JSON", async () => {
    const found = { errors: [error], warnings: [warning] };
    const { code, out, err } = await checking(found, "--json");
    expect({ code, err, out: JSON.parse(out) as unknown }).toEqual({ code: 1, err: "", out: found });
    const fine = { errors: [], warnings: [], plan };
    const { code: done, out: printed } = await checking(fine, "--json", "--quiet");
    expect({ done, printed: JSON.parse(printed) as unknown }).toEqual({ done: 0, printed: fine });
  });

  test("passes its flags to the engine", async () => {
    let config: unknown;
    const check = (given: unknown): Promise<Check> => {
      config = given;
      return Promise.resolve({ errors: [], warnings: [], plan });
    };
    await runLine(["check", "--model-path-list", "A", "B", "--strict"], { engine: { check } });
    expect(config).toEqual({ model_path_list: ["A", "B"], strict: "true" });
  });

  test("of a request that is at fault ends with 2", async () => {
    const refused = (): never => {
      throw new TensorweldError("refused", [
        { code: "request/missing-value", key: "output_path", message: "is missing" },
      ]);
    };
    const { code, out, err } = await runLine(["check", "--wieght_list", "1"], { engine: { check: refused } });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("--wieght_list: there is no such flag");
    expect(err).toContain("--output_path: is missing");
    expect((await checking({ errors: [], warnings: [], plan }, "--nonsense")).code).toBe(2);
  });

  test("shows nothing that a terminal would obey", async () => {
    const hostile = { ...warning, message: "\u001b[2J", hint: "\u001b[3J" };
    const { out } = await checking({ errors: [hostile], warnings: [hostile] });
    expect(out).not.toContain("\u001b");
  });
});

describe("warnings of a merge that goes on", () => {
  const warned = { ...smallPlan, warnings: [warning, plain] };
  const engine = { plan: () => Promise.resolve(warned), execute: () => Promise.resolve(smallReport) };

  test.each(["merge", "plan"])("are told once by %s, before its notices", async (command) => {
    const { code, err } = await runLine([command], { engine });
    expect(code).toBe(0);
    expect(err.split("\n").slice(0, 4)).toEqual([
      `warning ${warning.file}: ${warning.message}`,
      `  ${warning.hint}`,
      `warning ${plain.message}`,
      `note ${notices[0]}`,
    ]);
    expect(err.split(warning.message)).toHaveLength(2);
  });

  test("are told even when it is to be quiet", async () => {
    const { err } = await runLine(["plan", "--quiet"], { engine });
    expect(err).toContain(warning.message);
    expect(err).not.toContain("note");
  });
});
