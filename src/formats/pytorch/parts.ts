import type { FileFault } from "../format.ts";

/** A file of Llama's and Mistral's authors: one of those into which they cut a model for several devices. */
const part = /^consolidated\.\d\d\.pth$/;

/** Why the file `entry` holds no whole tensors: there are others among `names` that hold the rest of each. */
export function faultOfParts(entry: string, names: readonly string[]): FileFault | undefined {
  const parts = names.filter((name) => part.test(name));
  if (!part.test(entry) || parts.length <= 1) return undefined;
  return {
    code: "pytorch/container",
    message: `is one of ${parts.length} parts, each with a slice of every tensor: ${parts.join(", ")}`,
    hint: "convert the model to whole tensors first, as the checkpoints of transformers have them",
  };
}
