import { fileOf as safetensorsFile } from "../../scripts/hostile/safetensors-bytes.ts";
import { fileOf } from "../support/pickle-writer.ts";
import { committed, inPieces } from "./fuzz-seed.ts";
import type { FuzzFormat, FuzzSeed } from "./fuzz-seed.ts";

const header = JSON.stringify({
  __metadata__: { format: "pt" },
  a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
  b: { dtype: "BF16", shape: [2, 2], data_offsets: [8, 16] },
});

const shard = "model-1.safetensors";
const index = JSON.stringify({ metadata: { total_size: 16 }, weight_map: { a: shard, b: shard } });

const tokens: readonly string[] = [
  ["{", "}", "[", "]", '"', ":", ",", "\\", "-", "0", "1e3", ".5", "null", "true", "\\u0061", "\\ud800"],
  ["9007199254740991", "9007199254740992", "18446744073709551616", "\xff", "[0,0]", "{".repeat(40)],
  ['"F32"', '"F4"', '"U8"', '"dtype"', '"shape"', '"data_offsets"', '"a":', '"__metadata__":{}'],
  ['"weight_map"', '"../x.safetensors"'],
].flat();

const headed: FuzzSeed["files"] = (text) => [["/m/x.safetensors", safetensorsFile(text, 16)]];

const indexed: FuzzSeed["files"] = (text) => [
  ["/m/model.safetensors.index.json", text],
  [`/m/${shard}`, safetensorsFile(header, 16)],
];

export const safetensorsFuzz: FuzzFormat = {
  seeds: [
    ...committed(".safetensors"),
    { name: "a header", body: fileOf(header), files: headed },
    { name: "an index", body: fileOf(index), files: indexed },
  ],
  pieced: [
    inPieces("a header in pieces", piecesOf(header), tokens, headed),
    inPieces("an index in pieces", piecesOf(index), tokens, indexed),
  ],
  tokens,
};

function piecesOf(json: string): readonly string[] {
  return json.match(/"[^"]*"|\d+|./g)!;
}
