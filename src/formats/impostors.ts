import type { ByteSource } from "../io/source.ts";

/** A kind of file that is found under another kind's name. */
interface Impostor {
  /** How it begins, as Latin-1. */
  readonly beginning: string;
  /** Offset in bytes at which that stands, 0 if absent. */
  readonly at?: number;
  /** What it is, and what to do about it. */
  readonly hint: string;
}

/** In this order: what begins like another, only longer, comes first. */
const impostors: readonly Impostor[] = [
  {
    beginning: "version ",
    hint: "it is a Git LFS pointer, not the weights: run `git lfs pull` in that folder",
  },
  {
    beginning: "PK\u0003\u0004",
    hint: "it is a zip archive: if PyTorch wrote it, give it a name that ends in .bin or .pt",
  },
  {
    beginning: "GGUF",
    hint: "it is a GGUF file, which is made for running a model: use the model it was made from",
  },
  { beginning: "<", hint: "it is a web page, perhaps an error of the server: download it again" },
  { beginning: '{"', at: 8, hint: "it is a safetensors file: give it a name that ends in .safetensors" },
  {
    // A pickle that begins with a magic number. Source: torch/serialization.py, `MAGIC_NUMBER`, written by
    // `_legacy_save`.
    beginning: "\u0080\u0002\u008a\u000a\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019",
    hint: "it is a file of PyTorch before 1.6: load it with a later one, and torch.save it again",
  },
  ...[2, 3, 4, 5].map((protocol) => ({
    beginning: `\u0080${String.fromCharCode(protocol)}`,
    hint: "it is a pickle without an archive around it: if Paddle wrote it, give it a name that ends in .pdparams",
  })),
  {
    beginning: "ustar",
    at: 257,
    hint: "it is a tar archive: unpack it, or if PyTorch before 0.1.10 wrote it, load it and torch.save it again",
  },
  { beginning: "\u0089HDF", hint: "it is an HDF5 file, perhaps of Keras: convert it to safetensors" },
];

/** Bytes at the start of a file that tell them all: the last is the tar archive's. */
const startBytes = 262;

/**
 * What a file is that is not what its name says, and what to do about it; undefined when nobody knows.
 * @throws TensorweldError `io/read` or `io/short-read`.
 */
export async function whatItIsInstead(source: ByteSource): Promise<string | undefined> {
  const start = new Uint8Array(Math.min(source.size, startBytes));
  await source.readInto(start, 0);
  const text = String.fromCharCode(...start);
  return impostors.find(({ beginning, at = 0 }) => text.startsWith(beginning, at))?.hint;
}
