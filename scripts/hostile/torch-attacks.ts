import * as write from "../../test/support/pickle-writer.ts";
import * as torch from "../../test/support/torch-writer.ts";
import type { TorchTensor } from "../../test/support/torch-writer.ts";
import { zipOf } from "../../test/support/zip-writer.ts";
import type { ZippedFile } from "../../test/support/zip-writer.ts";
import type { Attack } from "./safetensors-attacks.ts";

const pickle = torch.stateDict({ w: torch.tensor() });
const files = torch.archiveFiles(pickle);
const { int, text } = write;

/** A storage of eight bytes. */
const bytes = { type: "torch.ByteStorage", elements: int(8) };

/** Attacks on what an archive holds. */
const containers: readonly Attack[] = [
  attack("empty-file", new Uint8Array(), "container"),
  archive("empty", [], "container"),
  archive("of-files", [{ name: "data.pkl", data: pickle }], "container"),
  archive("of-two-folders", [...files, { name: "archive2/data.pkl", data: pickle }], "container"),
  archive("of-a-folder-and-a-file", [...files, { name: "data.pkl", data: pickle }], "container"),
  archive("without-pickle", files.slice(1), "container"),
  archive("pickle-elsewhere", [{ name: "archive/data/data.pkl", data: pickle }], "container"),
  archive("program", [...files, { name: "archive/code/__torch__.py", data: "" }], "container"),
  archive("constants", [...files, { name: "archive/constants.pkl", data: pickle }], "container"),
  archive("byte-order-big", withByteOrder("big"), "container"),
  archive("byte-order-empty", withByteOrder(""), "container"),
  archive("byte-order-longer", withByteOrder("little".padEnd(1000)), "container"),
];

/** Attacks by globals, and by pickles that are none. */
const pickles: readonly Attack[] = [
  opcodes("os-system", write.call(write.global("os", "system"), text("true")), "global"),
  opcodes("os-system-stacked", write.call(write.stackGlobal("os", "system"), text("true")), "global"),
  opcodes("posix-system-instance", `(${text("true")}iposix\nsystem\n`, "opcode"),
  opcodes("eval", write.call(write.global("builtins", "eval"), text("1")), "global"),
  opcodes("type-as-module", write.global("torch.FloatStorage", "__class__"), "global"),
  opcodes("name-with-blank", write.global("torch ", "FloatStorage"), "global"),
  opcodes("hidden-in-key", torch.storage(write.global("os", "system"), "0", int(2)), "global"),
  opcodes("hidden-in-hooks", torch.tensor({ more: [write.global("os", "system")] }), "global"),
  whole("pickle-cut", pickle.slice(0, -1), "pickle/truncated"),
  whole("pickle-empty", "", "pickle/truncated"),
  whole("pickle-twice", pickle + pickle, "pickle/trailing"),
];

/** Attacks on references to storages. */
const storages: readonly Attack[] = [
  storage("missing", torch.storage(torch.floats, "1", int(2))),
  storage("outside-its-folder", torch.storage(torch.floats, "../data.pkl", int(2))),
  storage("of-no-key", torch.storage(torch.floats, "", int(0))),
  storage("too-short", torch.storage(torch.floats, "0", int(3))),
  storage("too-long", torch.storage(torch.floats, "0", int(1))),
  storage("of-no-elements", torch.storage(torch.floats, "0", int(0))),
  storage("of-2-60-elements", torch.storage(torch.floats, "0", int(2n ** 60n))),
  storage("of-2-53-bytes", torch.storage(torch.floats, "0", int(2n ** 51n))),
  storage("of-minus-2-elements", torch.storage(torch.floats, "0", int(-2))),
  storage("of-2-and-a-half-elements", torch.storage(torch.floats, "0", write.float(2.5))),
  storage("of-true-elements", torch.storage(torch.globalOf("torch.ByteStorage"), "0", write.yes)),
  storage("of-a-text-of-elements", torch.storage(torch.floats, "0", text("2"))),
  storage("of-another-kind", torch.storage(torch.floats, "0", int(2), "module")),
  storage("of-no-type", torch.storage(text("FloatStorage"), "0", int(2))),
  storage("of-a-type-of-elements", torch.storage(torch.globalOf("torch.float32"), "0", int(2))),
  storage("of-a-function", torch.storage(torch.globalOf("torch.Size"), "0", int(2))),
  storage("of-complex-doubles", torch.storage(torch.globalOf("torch.ComplexDoubleStorage"), "0", int(1))),
  storage("of-quantised-bytes", torch.storage(torch.globalOf("torch.QInt8Storage"), "0", int(8))),
  storage("by-text", `${text("0")}Q`),
  storage("by-line", "Pstorage 0\n"),
  storage("by-list", `${write.list(text("storage"), torch.floats, text("0"), text("cpu"), int(2))}Q`),
  storage("by-four", `${write.tuple(text("storage"), torch.floats, text("0"), text("cpu"))}Q`),
  storage(
    "by-six",
    `${write.tuple(text("storage"), torch.floats, text("0"), text("cpu"), int(2), write.none)}Q`,
  ),
  storage("by-number", `${write.tuple(text("storage"), torch.floats, int(0), text("cpu"), int(2))}Q`),
  storage("on-no-device", `${write.tuple(text("storage"), torch.floats, text("0"), int(0), int(2))}Q`),
  storage("by-nothing", write.none),
];

/** Attacks on the numbers of a view. */
const views: readonly Attack[] = [
  view("offset-negative", { offset: int(-1) }),
  view("offset-2-53", { offset: int(2n ** 53n) }),
  view("offset-2-53-bytes", { offset: int(2n ** 53n - 1n) }),
  view("offset-fraction", { offset: write.float(0) }),
  view("offset-text", { offset: text("0") }),
  view("end-beyond", { offset: int(1) }),
  view("larger-than-storage", { shape: torch.numbers(3) }),
  view("empty-beyond", { offset: int(3), shape: torch.numbers(0) }),
  view("shape-negative", { shape: torch.numbers(-2) }),
  view("shape-negatives", axes([-1, -2], [2, 1])),
  view("shape-2-60", { shape: torch.numbers(2n ** 60n) }),
  view("shape-product", axes([2 ** 32, 2 ** 32], [2 ** 32, 1])),
  view("shape-product-times-0", axes([2 ** 32, 2 ** 32, 0], [0, 0, 1])),
  view("shape-bits", { shape: torch.numbers(2n ** 52n) }),
  view("shape-list", { shape: write.list(int(2)) }),
  view("shape-number", { shape: int(2) }),
  view("shape-text", { shape: write.tuple(text("2")) }),
  view("shape-true", { shape: write.tuple(write.yes) }),
  view("shape-nested", { shape: write.tuple(torch.numbers(2)) }),
  view("shape-of-65-axes", axes(ones(65), ones(65))),
  view("strides-negative", { strides: torch.numbers(-1) }),
  view("strides-zero", { strides: torch.numbers(0) }),
  view("strides-two", { strides: torch.numbers(2) }),
  view("strides-fewer", axes([1, 2], [1])),
  view("strides-more", axes([2], [2, 1])),
  view("strides-transposed", { ...bytes, ...axes([2, 2], [1, 2]) }),
  view("strides-with-gaps", { ...bytes, ...axes([2, 2], [3, 1]) }),
  view("strides-2-60", { strides: torch.numbers(2n ** 60n) }),
  view("strides-none", { strides: write.none }),
  view("conjugate", { more: [torch.named({ conj: write.yes })] }),
  view("negative", { more: [torch.named({ neg: write.yes, conj: write.no })] }),
  view("metadata-many", { more: [write.dict(...ones(9).map((key) => [int(key), write.no] as const))] }),
  view("metadata-text", { more: [text("conj")] }),
  view("arguments-more", { more: [write.none, write.none] }),
];

/** Attacks by functions that make tensors. */
const makers: readonly Attack[] = [
  made("_rebuild_tensor", torch.tensorArguments()),
  made("_rebuild_tensor_v2", torch.viewArguments()),
  made("_rebuild_tensor_v3", torch.tensorArguments()),
  made("_rebuild_tensor_v3", [...torch.tensorArguments(), text("float32")], "-of-text"),
  made(
    "_rebuild_tensor_v3",
    [...torch.tensorArguments(), torch.globalOf("torch.float4_e2m1fn_x2")],
    "-of-4-bits",
  ),
  made("_rebuild_tensor_v3", [...torch.tensorArguments(), torch.globalOf("torch.float64")], "-of-doubles"),
  made("_rebuild_parameter", [write.none, write.yes, torch.emptyOrderedDict]),
  made("_rebuild_parameter", [], "-of-nothing"),
  made("_rebuild_parameter", [torch.parameter(torch.parameter(torch.tensor()))], "-of-parameters"),
  made("_rebuild_qtensor", torch.tensorArguments()),
  made("_rebuild_sparse_tensor", []),
  made("_rebuild_nested_tensor", [torch.tensor()]),
  made("_rebuild_meta_tensor_no_storage", []),
  made("_rebuild_wrapper_subclass", []),
  made("_rebuild_device_tensor_from_numpy", []),
];

/** Attacks by values that are no dict of tensors. */
const structures: readonly Attack[] = [
  saved("none", write.none, "structure"),
  saved("list", write.list(torch.tensor()), "structure"),
  saved("tensor", torch.tensor(), "structure"),
  saved("empty", torch.named({}), "structure"),
  saved("numbers", torch.named({ a: int(1), b: int(2), c: int(3), d: int(4) }), "structure"),
  saved("itself", write.put("}", 0) + `(${text("model")}${write.get(0)}u`, "structure"),
  saved("by-number", write.dict([int(0), torch.tensor()]), "structure"),
  saved("by-tensor", write.dict([torch.tensor(), torch.tensor()]), "structure"),
  saved(
    "made-of-arguments",
    write.call(torch.globalOf("collections.OrderedDict"), torch.named({ w: torch.tensor() })),
    "structure",
  ),
  saved(
    "tensor-twice",
    write.dict([text("w"), torch.tensor()], [text("w"), torch.tensor()]),
    "duplicate-name",
    "w",
  ),
  saved(
    "tensor-then-none",
    write.dict([text("w"), torch.tensor()], [text("w"), write.none]),
    "duplicate-name",
    "w",
  ),
  saved("model-twice", write.dict(model(), model()), "duplicate-name", "model"),
];

export const torchAttacks: readonly Attack[] = [
  ...containers,
  ...pickles,
  ...storages,
  ...views,
  ...makers,
  ...structures,
];

function attack(name: string, bytes: Uint8Array, code: string, tensor?: string): Attack {
  const problem = {
    code: code.includes("/") ? code : `pytorch/${code}`,
    ...(tensor !== undefined && { tensor }),
  };
  return { name: `${name}.pt`, bytes, problems: [problem] };
}

function archive(name: string, content: readonly ZippedFile[], code: string): Attack {
  return attack(`archive-${name}`, write.fileOf(zipOf(content)), code);
}

function withByteOrder(order: string): readonly ZippedFile[] {
  return [files[0]!, { name: "archive/byteorder", data: order }, ...files.slice(2)];
}

/** An attack by a whole pickle. */
function whole(name: string, dataPickle: string, code: string, tensor?: string): Attack {
  return attack(name, torch.torchFile(dataPickle), code, tensor);
}

/** An attack by opcodes beside a valid tensor, with a code below `pickle/`. */
function opcodes(name: string, value: string, code: string): Attack {
  return whole(`pickle-${name}`, torch.stateDict({ w: torch.tensor(), x: value }), `pickle/${code}`);
}

/** An attack by the only tensor's storage. */
function storage(name: string, value: string): Attack {
  const dataPickle = torch.stateDict({ w: torch.tensor({ storage: value }) });
  return whole(`storage-${name}`, dataPickle, "storage", "w");
}

/** An attack by the only tensor. */
function view(name: string, fields: TorchTensor): Attack {
  return whole(`view-${name}`, torch.stateDict({ w: torch.tensor(fields) }), "tensor", "w");
}

function axes(shape: readonly number[], strides: readonly number[]): TorchTensor {
  return { shape: torch.numbers(...shape), strides: torch.numbers(...strides) };
}

function ones(length: number): readonly number[] {
  return Array.from({ length }, () => 1);
}

/** An attack by the function of `torch._utils` that makes the only tensor. */
function made(maker: string, args: readonly string[], suffix = ""): Attack {
  const value = write.call(torch.globalOf(`torch._utils.${maker}`), ...args);
  const name = `made-by${maker.replaceAll("_", "-")}${suffix}`;
  return whole(name, torch.stateDict({ w: value }), "tensor", "w");
}

/** An attack by what was saved. */
function saved(name: string, value: string, code: string, tensor?: string): Attack {
  return whole(`saved-${name}`, torch.pickle(value), code, tensor);
}

function model(): readonly [string, string] {
  return [text("model"), torch.named({ w: torch.tensor() })];
}
