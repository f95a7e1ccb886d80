import { describe, expect, test } from "vitest";
import { isTensorweldError } from "../../src/errors.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { maxProblemsPerFile, problemList } from "../../src/formats/problem-list.ts";
import { readHeader } from "../../src/formats/safetensors/header.ts";
import { sha256Hex } from "../../src/sha256.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { byteEntry, entryOf, fileOf } from "../../scripts/hostile/safetensors-bytes.ts";

const utf8 = new TextEncoder();

describe("a single file", () => {
  test("gives each tensor's type, shape and place in the file", async () => {
    const entry = entryOf("w", '"BF16"', "[2,3]", "[4,16]");
    const header = `{"__metadata__":{"format":"pt"},${entry},${byteEntry("b", 0, 4)}}`;
    const bytes = fileOf(header, 16);
    const checkpoint = await openCheckpoint(storageOf({ "model.safetensors": bytes }), "/m", "model");
    const file = "/m/model.safetensors";
    const dataOffset = 8 + header.length;
    expect(checkpoint).toEqual({
      path: "/m",
      format: "safetensors",
      files: [
        {
          path: file,
          size: bytes.length,
          modified: 0,
          headerHash: await sha256Hex(new Uint8Array(bytes.subarray(0, dataOffset))),
        },
      ],
      tensors: new Map([
        ["w", { name: "w", dtype: "BF16", shape: [2, 3], file, offset: dataOffset + 4, bytes: 12 }],
        ["b", { name: "b", dtype: "U8", shape: [4], file, offset: dataOffset, bytes: 4 }],
      ]),
      metadata: new Map([["format", "pt"]]),
      notices: [],
    });
  });

  test("reads the header's bytes and none of the data", async () => {
    const header = `{${byteEntry("w", 0, 100_000)}}`;
    const storage = storageOf({ "model.safetensors": fileOf(header, 100_000) });
    await openCheckpoint(storage, "/m", "model");
    expect(storage.bytesRead()).toBe(8 + 8 + header.length);
  });

  test("may be named itself, whatever its name", async () => {
    const storage = storageOf({ "other.safetensors": fileOf(`{${byteEntry("w", 0, 1)}}`, 1) });
    const checkpoint = await openCheckpoint(storage, "/m/other.safetensors", "model");
    expect([...checkpoint.tensors.keys()]).toEqual(["w"]);
    expect(checkpoint.path).toBe("/m/other.safetensors");
  });

  test("may hold tensors of no elements at every boundary, in any order of the header", async () => {
    const members = [byteEntry("d", 4, 8), ...["a", "b"].map((name) => byteEntry(name, 0, 0))];
    members.push(byteEntry("c", 0, 4), byteEntry("e", 4, 4), byteEntry("f", 8, 8));
    const storage = storageOf({ "model.safetensors": fileOf(`{${members.join(",")}}`, 8) });
    const { tensors } = await openCheckpoint(storage, "/m", "model");
    expect([...tensors.keys()]).toEqual(["d", "a", "b", "c", "e", "f"]);
  });

  test("may be padded with blanks of any kind, or hold nothing", async () => {
    for (const header of ["{}      ", "{}\n\t\r ", "{ }"]) {
      const storage = storageOf({ "model.safetensors": fileOf(header, 0) });
      expect((await openCheckpoint(storage, "/m", "model")).tensors.size).toBe(0);
    }
  });

  test("lists a limited number of problems and counts the others", async () => {
    const members = Array.from({ length: 1000 }, (_, index) => entryOf(`t${index}`, '"F31"', "[0]", "[0,0]"));
    const problems = problemList("/f");
    const source = await storageOf({ f: fileOf(`{${members.join(",")}}`, 0) }).open("/m/f");
    expect(await readHeader(source, problems)).toBeUndefined();
    expect(problems.all()).toHaveLength(maxProblemsPerFile + 1);
    expect(problems.all().at(-1)?.message).toBe(`and ${1000 - maxProblemsPerFile} more in this file`);
  });

  test("is refused for a header over the limit before the header is read", async () => {
    const problems = problemList("/f");
    const source = {
      path: "/f",
      size: 200_000_000,
      modified: 0,
      readInto(into: Uint8Array, at: number) {
        if (at + into.length > 1000) throw new Error("the header was read");
        new DataView(into.buffer).setBigUint64(0, 100_000_001n, true);
      },
      close: () => {},
    };
    expect(await readHeader(source, problems)).toBeUndefined();
    expect(problems.all().map(({ code }) => code)).toEqual(["safetensors/header-length"]);
  });

  test("is shown with long names cut short", async () => {
    const storage = storageOf({ "model.safetensors": fileOf(`{"${"n".repeat(100_000)}":0}`, 0) });
    const [problem] = await problemsOf(openCheckpoint(storage, "/m", "model"));
    expect(problem?.tensor?.length).toBeLessThan(300);
  });
});

describe("shards with an index", () => {
  const first = fileOf(
    `{"__metadata__":{"format":"pt","part":"1"},${byteEntry("a", 0, 2)},${byteEntry("b", 2, 4)}}`,
    4,
  );
  const second = fileOf(
    `{"__metadata__":{"part":"2","more":"x"},${byteEntry("b", 0, 2)},${byteEntry("c", 2, 4)}}`,
    4,
  );

  function sharded(weightMap: Readonly<Record<string, string>>): ReturnType<typeof storageOf> {
    const index = utf8.encode(JSON.stringify({ metadata: { total_size: 6 }, weight_map: weightMap }));
    return storageOf({
      "1.safetensors": first,
      "2.safetensors": second,
      "model.safetensors.index.json": index,
    });
  }

  test("take each tensor from the shard that the index names", async () => {
    const storage = sharded({ c: "2.safetensors", b: "2.safetensors", a: "1.safetensors" });
    const checkpoint = await openCheckpoint(storage, "/m", "model");
    expect(checkpoint.files.map(({ path }) => path)).toEqual(["/m/1.safetensors", "/m/2.safetensors"]);
    const places = [...checkpoint.tensors.values()].map(({ name, file }) => `${name} in ${file}`);
    expect(places).toEqual(["a in /m/1.safetensors", "b in /m/2.safetensors", "c in /m/2.safetensors"]);
    expect(checkpoint.notices).toEqual([]);
  });

  test("join their metadata; the first file counts where they differ", async () => {
    const storage = sharded({ a: "1.safetensors", c: "2.safetensors" });
    const { metadata } = await openCheckpoint(storage, "/m", "model");
    expect(Object.fromEntries(metadata)).toEqual({ format: "pt", part: "1", more: "x" });
  });

  test("leave out what the index does not list, and say so", async () => {
    const storage = sharded({ a: "1.safetensors" });
    const checkpoint = await openCheckpoint(storage, "/m", "model");
    expect([...checkpoint.tensors.keys()]).toEqual(["a"]);
    expect(checkpoint.notices).toEqual([
      '/m/1.safetensors: left out, because the index does not list it: "b"',
    ]);
  });

  test("are preferred to a single file beside them, and may be named by their index", async () => {
    const storage = sharded({ a: "1.safetensors" });
    for (const path of ["/m", "/m/model.safetensors.index.json"]) {
      const { tensors } = await openCheckpoint(storage, path, "model");
      expect([...tensors.keys()]).toEqual(["a"]);
    }
  });
});

function storageOf(files: Readonly<Record<string, Uint8Array>>): ReturnType<typeof memoryStorage> {
  return memoryStorage(new Map(Object.entries(files).map(([name, bytes]) => [`/m/${name}`, bytes])));
}

async function problemsOf(work: Promise<unknown>): Promise<readonly { readonly tensor?: string }[]> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isTensorweldError(error)) throw new Error("it was not refused", { cause: error });
  return error.problems;
}
