import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bitsOf } from "../../src/dtype.ts";
import { isTensorweldError } from "../../src/errors.ts";
import type { Problem } from "../../src/errors.ts";
import type { Checkpoint } from "../../src/formats/checkpoint.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { array, dtype, encoded, pdparams } from "../support/numpy-pickles.ts";
import * as write from "../support/pickle-writer.ts";
import { refusal } from "../support/refusal.ts";

describe("an array", () => {
  test.each([
    ["f8", "F64"],
    ["f4", "F32"],
    ["f2", "F16"],
    ["u2", "BF16"],
    ["i8", "I64"],
    ["i4", "I32"],
    ["i2", "I16"],
    ["i1", "I8"],
    ["u8", "U64"],
    ["u4", "U32"],
    ["u1", "U8"],
    ["b1", "BOOL"],
    ["c8", "C64"],
  ] as const)("of NumPy's type %s is %s", async (name, expected) => {
    const data = write.bytes("\0".repeat((2 * bitsOf(expected)) / 8));
    const [tensor] = await tensorsOf(["a", array({ dtype: dtype(name), data })]);
    expect(tensor).toMatchObject({ name: "a", dtype: expected, shape: [2] });
  });

  test.each(["<", "="])("is little-endian with the byte order %s", async (order) => {
    const [tensor] = await tensorsOf(["a", array({ dtype: dtype("f4", order) })]);
    expect(tensor).toMatchObject({ dtype: "F32" });
  });

  test.each(["|", ">", "<", "="])("of single bytes may have the byte order %s", async (order) => {
    const data = write.bytes("\0\0");
    const [tensor] = await tensorsOf(["a", array({ dtype: dtype("u1", order), data })]);
    expect(tensor).toMatchObject({ dtype: "U8" });
  });

  test("lies where its bytes are", async () => {
    const data = "weights!";
    const file = pdparams(["a", array({ data: write.bytes(data) })]);
    const [tensor] = [...(await opened(file)).tensors.values()];
    const { offset, bytes } = tensor!;
    expect(Buffer.from(file.subarray(offset, offset + bytes)).toString("latin1")).toBe(data);
  });

  test("in text lies in what that decodes to, and says where the text is", async () => {
    const file = pdparams(
      ["a", array({ data: encoded(write.text("ÿ".repeat(8))) })],
      ["b", array({ data: encoded(write.textLine("ÿ\\u000a".repeat(4))) })],
    );
    const [a, b] = [...(await opened(file)).tensors.values()];
    expect(a).toMatchObject({ offset: 0, bytes: 8, text: { bytes: 16, escape: "utf-8" } });
    expect(b).toMatchObject({ offset: 0, bytes: 8, text: { bytes: 28, escape: "raw-unicode-escape" } });
    expect([...file.subarray(a!.text!.offset - 1, a!.text!.offset + 2)]).toEqual([0, 0xc3, 0xbf]);
    expect([...file.subarray(b!.text!.offset - 1, b!.text!.offset + 2)]).toEqual([0x56, 0xff, 0x5c]);
  });

  test.each<readonly [string, string, readonly number[]]>([
    ["a single number", write.tuple(), []],
    ["nothing", write.tuple(write.int(0), write.int(7)), [0, 7]],
    ["a row", write.tuple(write.int(1), write.int(4), write.int(1)), [1, 4, 1]],
  ])("with columns first is %s", async (_, shape, expected) => {
    const elements = expected.reduce((product, length) => product * length, 1);
    const data = write.bytes("\0".repeat(4 * elements));
    const [tensor] = await tensorsOf(["a", array({ shape, data, fortran: write.yes })]);
    expect(tensor).toMatchObject({ shape: expected });
  });

  test("under two names is two tensors at one place", async () => {
    const [a, b] = await tensorsOf(["a", write.put(array(), 9)], ["b", write.get(9)]);
    expect(b).toEqual({ ...a!, name: "b" });
  });

  test.each(["builtins", "__builtin__"])("beside its own name is the same: %s.tuple", async (module) => {
    const pair = write.tuple(write.text("linear_0.w_0"), array());
    const [tensor] = await tensorsOf(["a", write.call(write.global(module, "tuple"), pair)]);
    expect(tensor).toMatchObject({ name: "a", dtype: "F32", shape: [2] });
  });
});

describe("a file", () => {
  test("may be an OrderedDict", async () => {
    const dict = `${write.global("collections", "OrderedDict")})R${write.text("a")}${array()}s.`;
    expect([...(await opened(write.fileOf(dict))).tensors.keys()]).toEqual(["a"]);
  });

  test("may have the names of Paddle's program in it, which are skipped", async () => {
    const { tensors, notices } = await opened(
      pdparams(
        ["a", array()],
        ["StructuredToParameterName@@", write.dict([write.text("a"), write.text("w_0")])],
      ),
    );
    expect([[...tensors.keys()], notices]).toEqual([["a"], []]);
  });

  test("may hold more than arrays, which is told", async () => {
    const others = ["epoch", "LR_Scheduler", "c", "d"].map((name) => [name, write.int(1)] as const);
    const { tensors, notices } = await opened(pdparams(["a", array()], ...others));
    expect([...tensors.keys()]).toEqual(["a"]);
    expect(notices).toEqual([
      '/m/model_state.pdparams: left out, because no array: "epoch", "LR_Scheduler", "c" and 1 more',
    ]);
  });

  test("may use names that are no names of files", async () => {
    const names = ["../x", "/etc/passwd", "\u001b[31m", "\u202e", "__proto__", "", "a\0b"];
    const { tensors } = await opened(pdparams(...names.map((name) => [name, array()] as const)));
    expect([...tensors.keys()]).toEqual(names);
  });

  test("says what is wrong with a name that a terminal would obey", async () => {
    const name = "\u001b[31m";
    const [problem] = await problemsOf(pdparams([name, array({ data: write.none })]));
    expect(problem).toMatchObject({ code: "pdparams/array", tensor: name });
  });

  test("has a hash of what its tensors are and where", async () => {
    const hashes = await Promise.all(
      [
        pdparams(["a", array()]),
        pdparams(["b", array()]),
        pdparams(["a", array({ dtype: dtype("i4") })]),
        pdparams(["a", array({ shape: write.tuple(write.int(1), write.int(2)) })]),
        pdparams(["a", array({ data: encoded(write.text("a".repeat(8))) })]),
      ].map(async (file) => (await opened(file)).files[0]!.headerHash),
    );
    expect(new Set(hashes).size).toBe(5);
    expect(hashes).toEqual(hashes.map(() => expect.stringMatching(/^[0-9a-f]{64}$/)));
    const other = pdparams(["a", array({ data: write.bytes("other123") })]);
    expect((await opened(other)).files[0]!.headerHash).toBe(hashes[0]);
  });

  test("is opened without reading its arrays", async () => {
    const shape = write.tuple(write.int(250_000));
    const data = write.bytes("\0".repeat(1_000_000));
    const names = Array.from({ length: 30 }, (_, at) => [`layer.${at}`, array({ shape, data })] as const);
    const storage = memoryStorage(new Map([["/m/model_state.pdparams", pdparams(...names)]]));
    expect((await openCheckpoint(storage, "/m", "model")).tensors.size).toBe(30);
    expect(storage.bytesRead()).toBeLessThan(30 * 20_000);
  });
});

describe("what a file is instead is said", () => {
  test.each<readonly [string, Uint8Array, RegExp]>([
    ["a Git LFS pointer", write.fileOf("version https://git-lfs.example/spec/v1\n"), /git lfs pull/],
    ["a zip archive", write.fileOf("PK\x03\x04".padEnd(300, "\0")), /zip archive/],
    ["a web page", write.fileOf("<html>".padEnd(300, " ")), /web page/],
    ["nothing known", write.fileOf("\0"), /no file of Paddle/],
  ])("%s", async (_, file, hint) => {
    const [problem] = await problemsOf(file);
    expect(problem).toMatchObject({ code: "pdparams/structure", hint: expect.stringMatching(hint) });
  });

  test("slices of large arrays", async () => {
    const [problem] = await problemsOf(
      pdparams(["UnpackBigParamInfor@@", write.emptyDict], ["a@@.0", array()]),
    );
    expect(problem!.hint).toContain("protocol=4");
  });
});

describe("a file that was changed anywhere", () => {
  const golden = join(import.meta.dirname, "../golden/formats");
  const cases = ["numpy-protocol-0", "numpy-protocol-2", "numpy-protocol-5", "paddle-tuples-protocol-4"];
  const files = cases.map((name) => readFileSync(join(golden, name, "model/model_state.pdparams")));

  test("is refused, or its tensors lie inside it", async () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        async (file, changes) => {
          const changed = new Uint8Array(file);
          for (const { at, byte } of changes) changed[at % file.length] = byte;
          await expectSound(changed);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("is refused when it was cut short", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), fc.nat(), async (file, length) => {
        const [problem] = await problemsOf(new Uint8Array(file.subarray(0, length % file.length)));
        expect(["pickle/truncated", "pdparams/structure"]).toContain(problem!.code);
      }),
      { numRuns: 200 },
    );
  });
});

async function expectSound(file: Uint8Array): Promise<void> {
  const checkpoint = await opened(file).catch((error: unknown) => {
    if (isTensorweldError(error) && error.outcome === "refused") return undefined;
    throw error;
  });
  for (const { offset, bytes, text } of checkpoint?.tensors.values() ?? []) {
    const place = text ?? { offset, bytes };
    expect(place.offset).toBeGreaterThanOrEqual(0);
    expect(place.offset + place.bytes).toBeLessThanOrEqual(file.length);
  }
}

function opened(file: Uint8Array): Promise<Checkpoint> {
  return openCheckpoint(memoryStorage(new Map([["/m/model_state.pdparams", file]])), "/m", "model");
}

async function tensorsOf(
  ...entries: readonly (readonly [name: string, value: string])[]
): Promise<readonly unknown[]> {
  return [...(await opened(pdparams(...entries))).tensors.values()];
}

async function problemsOf(file: Uint8Array): Promise<readonly Problem[]> {
  return (await refusal(opened(file))).problems;
}
