import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

import { temporaryFolder } from "../support/checkpoint.ts";
import { array } from "../support/numpy-pickles.ts";
import * as write from "../support/pickle-writer.ts";
import { type FilePart, lengthOf, writeSparseFile } from "../support/sparse-file.ts";
import { numbers, stateDict, tensor } from "../support/torch-writer.ts";

const tensors = 40;
const rows = 32_768;
const columns = 1024;
/** Of one tensor in float32; all together are 5.4 GB. */
const tensorBytes = rows * columns * 4;

/** Resident bytes that opening a model may take at its peak, the program itself included. */
const maxPeakBytes = 100e6;

const program = `
  import { inspect } from "tensorweld";
  const { tensors } = await inspect(process.argv[1]);
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  console.log(JSON.stringify({ tensors: tensors.length, bytes, peak: process.resourceUsage().maxRSS * 1024 }));
`;

test.each([
  ["model_state.pdparams", pdparams],
  ["pytorch_model.bin", torch],
])("opening a sparse %s of 5 GB reads little of it", (name, parts) => {
  const folder = temporaryFolder();
  writeSparseFile(join(folder, name), parts());
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program, folder], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const found = JSON.parse(stdout) as { tensors: number; bytes: number; peak: number };
  expect(found).toMatchObject({ tensors, bytes: tensors * tensorBytes });
  expect(found.peak).toBeLessThan(maxPeakBytes);
});

/** A pickle of protocol 4 with arrays whose bytes are holes. */
function pdparams(): readonly FilePart[] {
  const entries = Array.from({ length: tensors }, (_, index): readonly FilePart[] => {
    const data = "data goes here";
    const shape = write.tuple(write.int(rows), write.int(columns));
    const [before, after] = array({ shape, data }).split(data) as [string, string];
    const length = write.littleEndian(tensorBytes, 8);
    return [`${write.shortText(`layers.${index}.weight`)}${before}\x8e${length}`, tensorBytes, after];
  });
  return [`${write.proto(4)}}(`, ...entries.flat(), `u${write.stop}`];
}

/** A zip of PyTorch's whose storages are holes, with numbers of 64 bits where they need them. */
function torch(): readonly FilePart[] {
  const elements = rows * columns;
  const names = Array.from({ length: tensors }, (_, index) => `layers.${index}.weight`);
  const pickle = stateDict(
    Object.fromEntries(
      names.map((name, index) => [
        name,
        tensor({
          key: String(index),
          elements: write.int(elements),
          shape: numbers(rows, columns),
          strides: numbers(columns, 1),
        }),
      ]),
    ),
  );
  const files = [
    { name: "archive/data.pkl", bytes: pickle.length, contents: pickle as FilePart },
    ...names.map((_, index) => ({
      name: `archive/data/${index}`,
      bytes: tensorBytes,
      contents: tensorBytes,
    })),
  ];
  const parts: FilePart[] = [];
  const directory = files.map(({ name, bytes, contents }) => {
    const offset = lengthOf(parts);
    parts.push(`PK\x03\x04${common(bytes, name)}${name}`, contents);
    const zip64 = `${write.littleEndian(1, 2)}${write.littleEndian(8, 2)}${write.littleEndian(offset, 8)}`;
    const where = `${"\0".repeat(2 + 2 + 2 + 4)}\xff\xff\xff\xff`;
    return `PK\x01\x02\x2d\0${common(bytes, name, zip64.length)}${where}${name}${zip64}`;
  });
  const start = lengthOf(parts);
  const size = lengthOf(directory);
  const [count, end] = [write.littleEndian(files.length, 8), lengthOf([...parts, ...directory])];
  const record = `\x2d\0\x2d\0${"\0".repeat(8)}${count}${count}${write.littleEndian(size, 8)}${write.littleEndian(start, 8)}`;
  return [
    ...parts,
    ...directory,
    `PK\x06\x06${write.littleEndian(record.length, 8)}${record}`,
    `PK\x06\x07\0\0\0\0${write.littleEndian(end, 8)}\x01\0\0\0`,
    `PK\x05\x06\0\0\0\0${"\xff".repeat(2 + 2 + 4 + 4)}\0\0`,
  ];
}

/** What a local header and an entry of the directory have in common: version, flags, method … extra length. */
function common(bytes: number, name: string, extraBytes = 0): string {
  const sizes = write.littleEndian(bytes, 4).repeat(2);
  const lengths = `${write.littleEndian(name.length, 2)}${write.littleEndian(extraBytes, 2)}`;
  return `\x2d\0${"\0".repeat(2 + 2 + 2 + 2 + 4)}${sizes}${lengths}`;
}
