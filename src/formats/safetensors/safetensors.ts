import type { Format } from "../format.ts";
import { readHeader } from "./header.ts";

/** Hugging Face's safetensors: a header in JSON, then the tensors. Source: huggingface.co/docs/safetensors. */
export const safetensors: Format = {
  name: "safetensors",
  extensions: [".safetensors"],
  entryNames: (prefix) => [`${prefix}.safetensors.index.json`, `${prefix}.safetensors`],
  async readFile(source, problems) {
    const header = await readHeader(source, problems);
    if (header === undefined) return undefined;
    const { entries, dataOffset, metadata, hash: headerHash } = header;
    const tensors = entries.map(({ name, dtype, shape, begin, end }) => {
      return { name, dtype, shape, file: source.path, offset: dataOffset + begin, bytes: end - begin };
    });
    return { tensors, metadata, headerHash, notices: [] };
  },
};
