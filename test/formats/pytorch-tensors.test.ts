import { describe, expect, test } from "vitest";
import type { TensorInfo } from "../../src/formats/checkpoint.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { openTorch } from "../support/open-torch.ts";
import * as write from "../support/pickle-writer.ts";
import * as torch from "../support/torch-writer.ts";

describe("a file of PyTorch", () => {
  test("gives each tensor's type, shape and place in the file", async () => {
    const file = torch.torchFile(
      torch.stateDict({
        w: torch.tensor({ elements: write.int(6), shape: torch.numbers(2, 3), strides: torch.numbers(3, 1) }),
        b: torch.tensor({ type: "torch.BFloat16Storage", key: "1" }),
      }),
      { "0": "weights".padEnd(24), "1": "bias" },
    );
    const { path, format, files, tensors, metadata, notices } = await openTorch(file);
    expect({ path, format, metadata, notices }).toEqual({
      path: "/m/x.pt",
      format: "PyTorch",
      metadata: new Map(),
      notices: [],
    });
    expect(files).toEqual([
      { path, size: file.length, modified: 0, headerHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    const text = String.fromCharCode(...file);
    expect([...tensors.values()]).toEqual([
      { name: "w", dtype: "F32", shape: [2, 3], file: path, offset: text.indexOf("weights"), bytes: 24 },
      { name: "b", dtype: "BF16", shape: [2], file: path, offset: text.indexOf("bias"), bytes: 4 },
    ]);
  });

  test.each([
    ["torch.DoubleStorage", "F64", 8],
    ["torch.FloatStorage", "F32", 4],
    ["torch.HalfStorage", "F16", 2],
    ["torch.BFloat16Storage", "BF16", 2],
    ["torch.LongStorage", "I64", 8],
    ["torch.IntStorage", "I32", 4],
    ["torch.ShortStorage", "I16", 2],
    ["torch.CharStorage", "I8", 1],
    ["torch.ByteStorage", "U8", 1],
    ["torch.BoolStorage", "BOOL", 1],
    ["torch.ComplexFloatStorage", "C64", 8],
  ])("has tensors of %s", async (type, dtype, width) => {
    const found = await only(torch.tensor({ type }), "x".repeat(2 * width));
    expect(found).toMatchObject({ dtype, shape: [2], bytes: 2 * width });
  });

  test.each([
    ["float8_e4m3fn", "F8_E4M3", 1],
    ["float8_e5m2", "F8_E5M2", 1],
    ["float8_e4m3fnuz", "F8_E4M3FNUZ", 1],
    ["float8_e5m2fnuz", "F8_E5M2FNUZ", 1],
    ["float8_e8m0fnu", "F8_E8M0", 1],
    ["uint16", "U16", 2],
    ["uint32", "U32", 4],
    ["uint64", "U64", 8],
    ["float32", "F32", 4],
  ])("has tensors of torch.%s in storages without a type", async (name, dtype, width) => {
    const tensor = torch.tensor(
      {
        type: "torch.storage.UntypedStorage",
        elements: write.int(3 * width),
        offset: write.int(1),
        more: [torch.globalOf(`torch.${name}`)],
      },
      "torch._utils._rebuild_tensor_v3",
    );
    const found = await only(tensor, "\0".repeat(3 * width));
    expect(found).toMatchObject({ dtype, shape: [2], bytes: 2 * width });
  });
});

describe("tensors", () => {
  const shared = { type: "torch.ByteStorage", elements: write.int(8) };

  test("may be views of one storage, which may overlap", async () => {
    const file = torch.torchFile(
      torch.stateDict({
        whole: torch.tensor({ ...shared, shape: torch.numbers(2, 4), strides: torch.numbers(4, 1) }),
        tied: torch.tensor({ ...shared, shape: torch.numbers(8) }),
        end: torch.tensor({ ...shared, offset: write.int(5), shape: torch.numbers(3) }),
      }),
    );
    const [whole, tied, end] = [...(await openTorch(file)).tensors.values()];
    expect([tied!.offset, end!.offset]).toEqual([whole!.offset, whole!.offset + 5]);
    expect([whole!.bytes, tied!.bytes, end!.bytes]).toEqual([8, 8, 3]);
  });

  test.each([
    ["a single number", [], []],
    ["an axis of one element, whatever its stride", [2, 1, 4], [4, 0, 1]],
    ["axes of one element only", [1, 1], [7, 9]],
    ["no elements, whatever their strides", [0, 4], [9, 9]],
    ["as many axes as are allowed", Array.from({ length: 64 }, () => 1), Array.from({ length: 64 }, () => 1)],
  ])("may have %s", async (_, shape, strides) => {
    const view = { shape: torch.numbers(...shape), strides: torch.numbers(...strides) };
    const { shape: found, bytes } = await only(torch.tensor({ ...shared, ...view }));
    expect(found).toEqual(shape);
    expect(bytes).toBe(shape.reduce((product, length) => product * length, 1));
  });

  test.each([
    ["parameters", torch.parameter(torch.tensor())],
    [
      "parameters with attributes",
      write.call(
        torch.globalOf("torch._utils._rebuild_parameter_with_state"),
        torch.tensor(),
        write.no,
        torch.emptyOrderedDict,
        torch.named({ tag: write.int(1) }),
      ),
    ],
    [
      "tensors with attributes",
      write.call(
        torch.globalOf("torch._tensor._rebuild_from_type_v2"),
        torch.globalOf("torch._utils._rebuild_tensor_v2"),
        torch.globalOf("torch.Tensor"),
        write.tuple(...torch.tensorArguments()),
        torch.named({ tag: write.int(1) }),
      ),
    ],
    ["metadata that say nothing", torch.tensor({ more: [torch.named({ conj: write.no })] })],
    ["no metadata", torch.tensor({ more: [write.none] })],
    ["another form", write.call(torch.globalOf("torch._utils._rebuild_tensor"), ...torch.viewArguments())],
  ])("may be %s", async (_, value) => {
    expect(await only(value)).toMatchObject({ dtype: "F32", shape: [2], bytes: 8 });
  });

  test("take no byte of a storage to be read", async () => {
    const elements = { elements: write.int(100_000), shape: torch.numbers(100_000) };
    const file = torch.torchFile(torch.stateDict({ w: torch.tensor(elements) }), {
      "0": "\0".repeat(400_000),
    });
    const storage = memoryStorage(new Map([["/m/x.pt", file]]));
    await openCheckpoint(storage, "/m/x.pt", "model");
    // The end of the file, where a zip's end record may be, is a part of the storage here.
    expect(storage.bytesRead()).toBeLessThan(70_000);
  });

  test("give a hash of the header by their places", async () => {
    const hashes = await Promise.all(
      [write.int(0), write.int(1)].map(async (offset) => {
        const tensor = torch.tensor({ ...shared, offset });
        return (await openTorch(torch.torchFile(torch.stateDict({ w: tensor })))).files[0]!.headerHash;
      }),
    );
    expect(new Set(hashes).size).toBe(2);
  });
});

/** What is found of a tensor that is alone in its file, its storage holding `data`. */
async function only(tensor: string, data = "\0".repeat(8)): Promise<TensorInfo> {
  const { tensors } = await openTorch(torch.torchFile(torch.stateDict({ w: tensor }), { "0": data }));
  return tensors.get("w")!;
}
