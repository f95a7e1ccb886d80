import { escapingNames } from "./escaping-names.ts";
import { byteEntry, fileOf } from "./safetensors-bytes.ts";
import type { ExpectedProblem } from "./safetensors-attacks.ts";

/** A folder with an index, and all that is wrong with it. */
export interface IndexAttack {
  readonly name: string;
  /** Contents of its files by their names. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly problems: readonly ExpectedProblem[];
}

const indexName = "model.safetensors.index.json";
const first = "model-00001-of-00002.safetensors";
const second = "model-00002-of-00002.safetensors";
const shards = {
  [first]: fileOf(`{${byteEntry("a", 0, 2)}}`, 2),
  [second]: fileOf(`{${byteEntry("b", 0, 2)}}`, 2),
};

export const indexAttacks: readonly IndexAttack[] = [
  ...escapingNames(".safetensors").map(({ what, file }) => escape(what, file)),
  escape("no-name", ""),
  escape("another-kind", "config.json"),
  escape("ten-thousand-characters", `${"x".repeat(10_000)}.safetensors`),
  whole("not-json", "weight_map:", [{ code: "index/invalid" }]),
  whole("not-utf8", Uint8Array.of(0x7b, 0xff, 0x7d), [{ code: "index/invalid" }]),
  whole("not-an-object", "[]", [{ code: "index/invalid" }]),
  whole("no-bytes", "", [{ code: "index/invalid" }]),
  whole("byte-order-mark", "\ufeff{}", [{ code: "index/invalid" }]),
  whole("deep", '{"a":'.repeat(10_000), [{ code: "index/invalid" }]),
  whole("no-weight-map", '{"metadata":{}}', [{ code: "index/invalid" }]),
  whole("weight-map-array", '{"weight_map":[]}', [{ code: "index/invalid" }]),
  whole("weight-map-inherited", '{"__proto__":{"weight_map":{}}}', [{ code: "index/invalid" }]),
  whole("weight-map-twice", '{"weight_map":{},"weight_map":{}}', [{ code: "index/invalid" }]),
  weights("file-number", '"a":1', [{ code: "index/invalid", tensor: "a" }]),
  weights("tensor-twice", `"a":"${first}","a":"${second}"`, [{ code: "index/invalid" }]),
  weights("file-missing", `"a":"${first}","b":"other.safetensors","c":"other.safetensors"`, [
    { code: "index/missing-file", tensor: "b" },
  ]),
  weights("tensor-missing", `"a":"${first}","c":"${second}"`, [
    { code: "index/missing-tensor", tensor: "c" },
  ]),
  weights("tensor-elsewhere", `"a":"${second}"`, [{ code: "index/missing-tensor", tensor: "a" }]),
  weights("tensor-proto", `"__proto__":"${first}"`, [{ code: "index/missing-tensor", tensor: "__proto__" }]),
  brokenShards(),
];

/** An index that names a file which must never be opened. */
function escape(name: string, file: string): IndexAttack {
  const problems = [{ code: "index/unsafe-path", tensor: "a" }];
  return weights(`name-${name}`, `"a":${JSON.stringify(file)}`, problems);
}

/** An index with these members in its weight_map, beside two valid shards. */
function weights(name: string, members: string, problems: readonly ExpectedProblem[]): IndexAttack {
  return whole(name, `{"weight_map":{${members}}}`, problems);
}

function whole(name: string, index: string | Uint8Array, problems: readonly ExpectedProblem[]): IndexAttack {
  return { name: `index-${name}`, files: { [indexName]: index, ...shards }, problems };
}

/** Every shard is broken in its own way: both are reported, and so is a file that is not there. */
function brokenShards(): IndexAttack {
  const index = `{"weight_map":{"a":"${first}","b":"${second}","c":"third.safetensors"}}`;
  const files = {
    [indexName]: index,
    [first]: fileOf(`{${byteEntry("a", 0, 2)}}`, 1),
    [second]: new Uint8Array(3),
  };
  const problems = [
    { code: "index/missing-file", tensor: "c" },
    { code: "safetensors/file-end", tensor: "a" },
    { code: "safetensors/too-short" },
  ];
  return { name: "index-shards-broken", files, problems };
}
