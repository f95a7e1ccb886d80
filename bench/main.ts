// Prints the figures of bench/README.md. Usage: npm run bench -- [--tmpfs DIR] [--disk DIR] [--rounds N]
//   [--node PATH ...] [--only TEXT]; each --node is a Node to time the merges with, --only names cases.
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { evenShapes, type TensorShape } from "./checkpoints.ts";
import { timed } from "./measure.ts";
import { benchMerge } from "./merge.ts";
import { halfBillionShapes } from "./qwen-shapes.ts";

const { values } = parseArgs({
  options: {
    tmpfs: { type: "string", default: "/dev/shm" },
    disk: { type: "string", default: tmpdir() },
    rounds: { type: "string", default: "5" },
    node: { type: "string", multiple: true, default: [process.execPath] },
    only: { type: "string", default: "" },
  },
});

interface Case {
  readonly title: string;
  readonly parent: string;
  readonly shapes: readonly TensorShape[];
  readonly method: string;
  readonly hasBase: boolean;
  readonly durable: boolean;
}

const GB = 1e9;
const methods = ["linear", "slerp", "dare_linear", "dare_ties", "ties", "della_linear", "della"];
const plain = { method: "linear", hasBase: false, durable: false };
const cases: readonly Case[] = [
  { ...plain, title: "tmpfs, 2 x 1 GB", parent: values.tmpfs, shapes: evenShapes(GB) },
  { ...plain, title: "tmpfs, 2 x 4 GB", parent: values.tmpfs, shapes: evenShapes(4 * GB) },
  { ...plain, title: "disk, 2 x 1 GB", parent: values.disk, shapes: evenShapes(GB), durable: true },
  ...methods.map((method) => ({
    title: `0.49 B, ${method}`,
    parent: values.tmpfs,
    shapes: halfBillionShapes(),
    method,
    hasBase: true,
    durable: false,
  })),
];

const memory = (totalmem() / 2 ** 30).toFixed(0);
console.log(`${cpus()[0]?.model}, ${cpus().length} cores, ${memory} GiB, ${values.rounds} rounds`);
const table: Record<string, Record<string, string>> = {};
for (const { title, parent, ...bench } of cases.filter((one) => one.title.includes(values.only))) {
  const folder = mkdtempSync(join(parent, "tensorweld-bench-"));
  try {
    for (const node of values.node) {
      const version = timed(node, ["--version"]).stdout.trim();
      table[`${title}, Node ${version}`] = benchMerge({
        ...bench,
        folder,
        node,
        rounds: Number(values.rounds),
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.table(table);
