import { sha256Hex } from "../../sha256.ts";
import type { TensorInfo } from "../checkpoint.ts";
import type { Format } from "../format.ts";
import { readPickle } from "../pickle/machine.ts";
import { openArchive } from "./archive.ts";
import { allowedGlobals } from "./globals.ts";
import { faultOfParts } from "./parts.ts";
import { findStateDict } from "./state-dict.ts";
import { readTensor } from "./tensor.ts";

/** PyTorch's own files: a zip of a pickle and the tensors' bytes. Source: torch/serialization.py. */
export const pytorch: Format = {
  name: "PyTorch",
  extensions: [".bin", ".pt", ".pth", ".ckpt"],
  entryNames: (prefix) => (prefix === "model" ? modelNames : []),
  faultBeside: faultOfParts,
  async readFile(source, problems) {
    const archive = await openArchive(source, problems);
    if (archive === undefined) return undefined;
    const { offset, bytes } = archive.pickle;
    const value = await readPickle(source, { offset, bytes }, allowedGlobals, problems);
    if (value === undefined) return undefined;
    const state = findStateDict(value, problems);
    if (state === undefined) return undefined;
    const tensors = [...state.tensors].flatMap(
      ([name, call]) => readTensor(name, call, archive, problems) ?? [],
    );
    if (problems.all().length > 0) return undefined;
    const notices = state.notices.map((notice) => `${source.path}: ${notice}`);
    return { tensors, metadata: new Map(), headerHash: await hashOf(tensors), notices };
  },
};

/** Names that transformers, Llama's authors and Mistral's give their files. */
const modelNames: readonly string[] = [
  "pytorch_model.bin.index.json",
  "pytorch_model.bin",
  "consolidated.00.pth",
  "consolidated.pth",
];

/** SHA-256 over names, types, shapes and places: what another reader would call the file's header. */
async function hashOf(tensors: readonly TensorInfo[]): Promise<string> {
  const rows = tensors.map(({ name, dtype, shape, offset, bytes }) => [name, dtype, shape, offset, bytes]);
  return sha256Hex(new TextEncoder().encode(JSON.stringify(rows)));
}
