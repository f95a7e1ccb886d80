import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { problemList } from "../../src/formats/problem-list.ts";
import { readZip } from "../../src/formats/zip/read-zip.ts";
import type { ZipEntry } from "../../src/formats/zip/zip-entry.ts";
import type { ByteSource } from "../../src/io/source.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { fileOf, littleEndian, utf8 } from "../support/pickle-writer.ts";
import { extraBlock, sizesFollow, zipOf } from "../support/zip-writer.ts";
import type { ZipFrame, ZippedFile } from "../support/zip-writer.ts";

/** Fields of 32 bits that refer to one of 64 bits. */
const elsewhere = { storedBytes: 0xffff_ffff, bytes: 0xffff_ffff };

describe("a zip's entries", () => {
  const files = [
    { name: "d/data.pkl", data: "pickle" },
    { name: "d/empty", data: "" },
    { name: "d/data/0", data: "storage" },
  ];

  test("are found with their places, in the order of the directory", async () => {
    expect(await entriesOf(zipOf(files))).toEqual([
      { name: "d/data.pkl", offset: 40, bytes: 6 },
      { name: "d/empty", offset: 46 + 37, bytes: 0 },
      { name: "d/data/0", offset: 83 + 38, bytes: 7 },
    ]);
  });

  test.each([
    ["a comment", zipOf(files, { comment: "a comment" })],
    ["a comment of the greatest length", zipOf(files, { comment: "x".repeat(65_535) })],
    ["end records of 64 bits", zipOf(files, { zip64: {} })],
    ["numbers in the end record of 64 bits only", zipOf(files, { zip64: {}, end: everyNumberElsewhere() })],
    ["sizes that follow", zipOf(files.map(withSizesAfterwards))],
    ["padding before the contents", zipOf(files.map(withPadding))],
    ["sizes of 64 bits", zipOf(files.map(withLongSizes))],
    ["comments of entries", zipOf(files.map((file) => ({ ...file, directory: { comment: "PK" } })))],
  ])("are found beside %s", async (_, bytes) => {
    expect(contentsOf(bytes, await entriesOf(bytes))).toEqual(files);
  });

  test("may be none", async () => {
    expect(await entriesOf(zipOf([]))).toEqual([]);
  });

  test("may be folders, and have names in any script", async () => {
    const bytes = zipOf([
      { name: "d/", data: "" },
      { name: utf8("d/層 😀..x"), data: "1" },
    ]);
    expect((await entriesOf(bytes)).map(({ name }) => name)).toEqual(["d/", "d/層 😀..x"]);
  });

  test("of any names and contents are found where they are", async () => {
    const name = fc.stringMatching(/^[a-z]{1,8}(?:\/[a-z0-9_]{1,8}){0,2}$/);
    const file = fc.record({ name, data: fc.string({ unit: "binary-ascii", maxLength: 50 }) });
    const changes = fc.constantFrom(
      (same: ZippedFile) => same,
      withSizesAfterwards,
      withPadding,
      withLongSizes,
    );
    const zips = fc.uniqueArray(fc.tuple(file, changes), { selector: ([{ name: key }]) => key });
    await fc.assert(
      fc.asyncProperty(zips, fc.boolean(), async (pairs, isLong) => {
        const bytes = zipOf(
          pairs.map(([one, change]) => change(one)),
          isLong ? { zip64: {} } : {},
        );
        expect(contentsOf(bytes, await entriesOf(bytes))).toEqual(pairs.map(([one]) => one));
      }),
    );
  });
});

describe("reading a zip", () => {
  test("takes one read of the end, the directory and each local header, and none of the contents", async () => {
    const bytes = fileOf(zipOf(Array.from({ length: 100 }, (_, index) => largeFile(index))));
    const storage = memoryStorage(new Map([["/z", bytes]]));
    const problems = problemList("/z");
    expect((await readZip(await storage.open("/z"), problems))?.size).toBe(100);
    const [local, directory] = [30 + 7, 46 + 7];
    expect(storage.bytesRead()).toBe(22 + 65_535 + 20 + 100 * (local + directory));
  });

  test("reads no byte of the file twice, however often the directory names it", async () => {
    const one = withLongSizes({ name: "d/0", data: "x".repeat(1000) });
    const again = Array.from({ length: 50 }, (_, index) => {
      return { name: `d/${index + 1}`, data: "", directory: { offset: 0 } };
    });
    const bytes = fileOf(zipOf([one, ...again]));
    const storage = memoryStorage(new Map([["/z", bytes]]));
    const problems = problemList("/z");
    expect(await readZip(await storage.open("/z"), problems)).toBeUndefined();
    expect(new Set(problems.all().map(({ code }) => code))).toEqual(new Set(["zip/overlap"]));
    expect(storage.bytesRead()).toBeLessThan(3 * bytes.length);
  });

  test("goes beyond 4 GiB", async () => {
    const bytes = 5 * 2 ** 30;
    const sizes = littleEndian(bytes, 8) + littleEndian(bytes, 8);
    const first = {
      name: "d/0",
      data: "",
      local: { flags: sizesFollow },
      directory: { ...elsewhere, extra: extraBlock(1, sizes) },
    };
    const place = extraBlock(1, littleEndian(33 + bytes, 8));
    const second = { name: "d/1", data: "12", directory: { offset: 0xffff_ffff, extra: place } };
    const directoryOffset = bytes + 33 + 33 + 2;
    const zip = zipOf([first, second], {
      zip64: { offset: directoryOffset, locatorOffset: directoryOffset + 2 * (46 + 3) + 20 + 12 },
      end: { offset: 0xffff_ffff },
    });
    const problems = problemList("/z");
    const entries = await readZip(stretched(zip, 33, bytes), problems);
    expect(problems.all()).toEqual([]);
    expect([...entries!.values()]).toEqual([
      { name: "d/0", offset: 33, bytes },
      { name: "d/1", offset: 33 + bytes + 33, bytes: 2 },
    ]);
  });

  test("is refused before a directory beyond the limit is read", async () => {
    const bytes = 100_000_001;
    const end = zipOf([], { end: { bytes, offset: 0, entries: 1, entriesOnDisk: 1 } });
    const problems = problemList("/z");
    expect(await readZip(stretched(end, 0, bytes), problems)).toBeUndefined();
    expect(problems.all().map(({ message }) => message)).toEqual([
      "its directory takes 100000001 bytes; at most 100000000 are read",
    ]);
  });
});

/** One whose name has seven characters. */
function largeFile(index: number): ZippedFile {
  return { name: `d/${10_000 + index}`, data: "x".repeat(10_000) };
}

async function entriesOf(zip: string): Promise<readonly ZipEntry[]> {
  const problems = problemList("/z");
  const entries = await readZip(await memoryStorage(new Map([["/z", fileOf(zip)]])).open("/z"), problems);
  expect(problems.all()).toEqual([]);
  return [...entries!.values()];
}

function contentsOf(zip: string, entries: readonly ZipEntry[]): readonly ZippedFile[] {
  return entries.map(({ name, offset, bytes }) => ({ name, data: zip.slice(offset, offset + bytes) }));
}

/** The file `zip` with `bytes` zeros more at offset `at`. */
function stretched(zip: string, at: number, bytes: number): ByteSource {
  const [before, after] = [fileOf(zip.slice(0, at)), fileOf(zip.slice(at))];
  return {
    path: "/z",
    size: before.length + bytes + after.length,
    modified: 0,
    readInto(into, offset) {
      for (let index = 0; index < into.length; index++) {
        const place = offset + index;
        into[index] = (place < at ? before[place] : after[place - at - bytes]) ?? 0;
      }
    },
    close: () => {},
  };
}

/** As PyTorch writes it: the sizes are zero in the header and follow the contents. */
function withSizesAfterwards(file: ZippedFile): ZippedFile {
  const after = `PK\x07\x08${littleEndian(0, 4)}${littleEndian(file.data.length, 4).repeat(2)}`;
  return { ...file, local: { flags: sizesFollow, storedBytes: 0, bytes: 0 }, after };
}

/** As PyTorch aligns contents: with an extra field that only the local header has. */
function withPadding(file: ZippedFile): ZippedFile {
  return { ...file, local: { extra: extraBlock(0x4246, "Z".repeat(23)) } };
}

/** As a writer does it that does not know sizes beforehand. */
function withLongSizes(file: ZippedFile): ZippedFile {
  const sizes = littleEndian(file.data.length, 8).repeat(2);
  const extra = extraBlock(0x5455, "time") + extraBlock(1, sizes);
  return { ...file, local: { ...elsewhere, extra }, directory: { ...elsewhere, extra } };
}

function everyNumberElsewhere(): NonNullable<ZipFrame["end"]> {
  const [short, long] = [0xffff, 0xffff_ffff];
  return {
    disk: short,
    directoryDisk: short,
    entriesOnDisk: short,
    entries: short,
    bytes: long,
    offset: long,
  };
}
