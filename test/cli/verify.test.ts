import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { merge, verify } from "tensorweld";
import { describe, expect, test } from "vitest";

import { TensorweldError, type Verification } from "../../src/index.ts";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";
import { runLine } from "./host.ts";

const whole: Verification = {
  path: "/out",
  problems: [],
  notices: ['The merge did not write, and so nothing is known about: "notes.txt"'],
  hasManifest: true,
  tensors: 1234,
  files: 9,
  bytes: 5_000_000_000,
  nonFinite: [],
};

const hint = "download or copy it again, or merge again";
const damaged: Verification = {
  ...whole,
  problems: [
    {
      code: "verify/tensor",
      file: "/out/m.safetensors",
      tensor: "w",
      message: "is not what was written",
      hint,
    },
    { code: "verify/missing", file: "/out/config.json", message: "is missing; 7 bytes were written", hint },
    { code: "verify/unknown", file: "/out/x.bin", message: "is a weight file", hint: "remove it" },
  ],
  nonFinite: ["w", "x", "y", "z"].map((tensor, index) => ({ tensor, found: index, recorded: 0 })),
};

/** The outcome of a command line that begins with `verify /out` when the engine finds `found`. */
function verifying(found: Verification, ...args: readonly string[]): ReturnType<typeof runLine> {
  return runLine(["verify", "/out", ...args], {
    engine: { verify: () => Promise.resolve(found) },
    now: (() => {
      let time = 0;
      return () => (time += 1000);
    })(),
  });
}

describe("verify", () => {
  test("says that an output is whole", async () => {
    expect(await verifying(whole)).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "note The merge did not write, and so nothing is known about: "notes.txt"",
        "out": "Whole: every byte is as it was written.
        tensors   1,234
        files     9
        bytes     5.00 GB
        NaN, inf  none
        time      2.00 s, 2.50 GB/s
        output    /out",
        "statuses": [
          "",
        ],
      }
    `);
  });

  test("lists damage, and once for all alike what to do about it", async () => {
    expect(await verifying(damaged, "--quiet")).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "Damaged: 3 problems
        /out/m.safetensors, tensor "w": is not what was written
        /out/config.json: is missing; 7 bytes were written
          download or copy it again, or merge again
        /out/x.bin: is a weight file
          remove it

        tensors   1,234
        files     9
        bytes     5.00 GB
        NaN, inf  6 elements in 3 tensors: "x", "y", "z"
        time      1.00 s, 5.00 GB/s
        output    /out",
        "statuses": [],
      }
    `);
  });

  test("says that a model of another tool is compared with nothing", async () => {
    const { code, out } = await verifying({ ...whole, hasManifest: false });
    expect([code, out.split("\n")[0]]).toEqual([0, "Well-formed, and compared with nothing."]);
  });

  test("tells NaN that was written from NaN that came later", async () => {
    const nonFinite = [{ tensor: "w", found: 2, recorded: 2 }];
    expect((await verifying({ ...whole, nonFinite })).out).toContain(
      'NaN, inf  2 elements in 1 tensor: "w"; all as written\n',
    );
    const counted = { ...whole, hasManifest: false, nonFinite: [{ tensor: "w", found: 2 }] };
    expect((await verifying(counted)).out).toContain('NaN, inf  2 elements in 1 tensor: "w"\n');
  });

  test.each([whole, damaged])("prints what it found as JSON", async (found) => {
    const { code, out, err } = await verifying(found, "--json", "--quiet");
    expect({ code, err, out: JSON.parse(out) as unknown }).toEqual({
      code: found.problems.length > 0 ? 1 : 0,
      err: "",
      out: found,
    });
  });

  test("shows nothing that a terminal would obey", async () => {
    const evil = "\u001b[2J";
    const { out, err } = await verifying({
      ...whole,
      path: evil,
      problems: [{ code: "verify/file", file: evil, tensor: evil, message: evil, hint: evil }],
      notices: [evil],
      nonFinite: [{ tensor: evil, found: 1 }],
    });
    expect(out + err).not.toContain("\u001b");
  });

  test("passes prefix and signal on, and shows progress", async () => {
    const { signal } = new AbortController();
    let time = 0;
    const { statuses } = await runLine(["verify", "/out", "--merge-prefix", "master_weights"], {
      signal,
      tty: true,
      width: 70,
      now: () => (time += 1000),
      engine: {
        verify: (path, options) => {
          expect([path, options?.prefix]).toEqual(["/out", "master_weights"]);
          expect(options?.signal).toBe(signal);
          options?.onProgress?.({ bytesDone: 1e9, bytesTotal: 4e9, tensorsDone: 1, tensorsTotal: 3 });
          return Promise.resolve(whole);
        },
      },
    });
    expect(statuses).toMatchInlineSnapshot(`
      [
        "███████░░░░░░░░░░░░░░░░░░░  25 %  1.00 GB/s  3.00 s left  1/3 tensors",
        "",
      ]
    `);
  });

  test.each([
    [[], "verify needs an output: its folder"],
    [["a", "b"], 'the argument "b" is one too many'],
    [["a", "--merge_prefix", "other"], "--merge_prefix: expected one of model, master_weights"],
    [["a", "--seed", "1"], "--seed: there is no such flag"],
  ])("with the arguments %j is refused", async (args, message) => {
    const { code, err } = await runLine(["verify", ...args]);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  test("that was interrupted ends as all commands do", async () => {
    const interrupted = (): never => {
      throw new TensorweldError("interrupted", [{ code: "verify/interrupted", message: "was stopped" }]);
    };
    const { code, statuses } = await runLine(["verify", "/out"], { engine: { verify: interrupted } });
    expect([code, statuses]).toEqual([130, [""]]);
  });
});

test("a merge, verified by the package itself: whole, then damaged, then gone", async () => {
  const folder = temporaryFolder();
  const tensors = { w: { dtype: "BF16", shape: [4], values: [1, 2, 3, 4] } } as const;
  const models = ["a", "b"].map((name) => writeCheckpoint(join(folder, name), tensors));
  const out = join(folder, "out");
  await merge({ model_path_list: models, output_path: out });
  const codeOf = async (): Promise<number> => (await runLine(["verify", out], { engine: { verify } })).code;
  expect(await codeOf()).toBe(0);
  const file = join(out, "model.safetensors");
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0, bytes.length - 1));
  expect(await codeOf()).toBe(1);
  rmSync(out, { recursive: true });
  expect(await codeOf()).toBe(2);
});
