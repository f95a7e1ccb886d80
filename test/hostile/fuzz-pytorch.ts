import * as write from "../support/pickle-writer.ts";
import * as torch from "../support/torch-writer.ts";
import { pickleOpcodes, pickleTokens } from "./fuzz-pickles.ts";
import { committed, inPieces, whole } from "./fuzz-seed.ts";
import type { FuzzFormat, FuzzSeed } from "./fuzz-seed.ts";

const untyped = {
  type: "torch.storage.UntypedStorage",
  elements: write.int(8),
  more: [torch.globalOf("torch.float16")],
};
const number = { shape: torch.numbers(), strides: torch.numbers() };

const pickles: Readonly<Record<string, string>> = {
  "one tensor": torch.stateDict({ w: torch.tensor() }),
  "two tensors of one storage": torch.stateDict({
    a: torch.tensor({ shape: torch.numbers(2, 1), strides: torch.numbers(1, 1) }),
    b: torch.tensor({ shape: torch.numbers(1), offset: write.int(1) }),
  }),
  "a parameter in a training program's dict": torch.stateDict({
    epoch: write.int(3),
    model: torch.named({ w: torch.parameter(torch.tensor(number)) }),
  }),
  "a tensor in a storage without a type": torch.stateDict({
    w: torch.tensor(untyped, "torch._utils._rebuild_tensor_v3"),
  }),
  "values that are no tensors": torch.stateDict({
    a: write.list(write.none, write.float(1.5), torch.numbers(1, 2)),
    b: write.call(torch.globalOf("_codecs.encode"), write.text("\u00ff"), write.text("latin1")),
    w: torch.tensor(),
  }),
};

/** Opcodes of a tensor in a dict. */
const opcodes: readonly string[] = [
  [write.proto(2), "}", "(", write.text("w"), torch.globalOf("torch._utils._rebuild_tensor_v2"), "("],
  ["(", write.text("storage"), torch.floats, write.text("0"), write.text("cpu"), write.int(2), "t", "Q"],
  [write.int(0), "(", write.int(2), write.int(1), "t", "(", write.int(1), write.int(1), "t", write.no],
  [torch.globalOf("collections.OrderedDict"), ")", "R", "t", "R", "u", "."],
].flat();

const makers = ["_rebuild_tensor", "_rebuild_tensor_v3", "_rebuild_parameter", "_rebuild_qtensor"];

const others: readonly string[] = [
  makers.map((maker) => torch.globalOf(`torch._utils.${maker}`)),
  ["torch.storage.UntypedStorage", "torch.ByteStorage", "torch.float16", "torch.Size"].map(torch.globalOf),
  pickleOpcodes,
].flat();

/** Pieces of archives. */
const archiveTokens: readonly string[] = [
  ["PK\x01\x02", "PK\x03\x04", "PK\x05\x06", "PK\x06\x06", "PK\x06\x07", "\x01\0\x10\0"],
  ["archive/", "data.pkl", "../", "data/0", "byteorder"],
].flat();

export const pytorchFuzz: FuzzFormat = {
  seeds: [
    ...[".bin", ".pt", ".pth"].flatMap(committed),
    ...Object.entries(pickles).flatMap(([name, pickle]) => [
      whole(`a file of ${name}`, "x.pt", torch.torchFile(pickle)),
      whole(`a file of ${name}, of 64 bits`, "x.pt", torch.torchFile(pickle, undefined, { zip64: {} })),
      { name: `a pickle of ${name}`, body: write.fileOf(pickle), files: archived },
    ]),
  ],
  pieced: [inPieces("a tensor in pieces", opcodes, others, archived)],
  tokens: [...pickleTokens, ...archiveTokens, ...opcodes, ...others, torch.tensor()],
};

function archived(pickle: Uint8Array): ReturnType<FuzzSeed["files"]> {
  return [["/m/x.pt", torch.torchFile(Buffer.from(pickle).toString("latin1"))]];
}
