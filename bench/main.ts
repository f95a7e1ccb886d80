// Prints the figures of bench/README.md. Usage: npm run bench -- [--tmpfs DIR] [--disk DIR] [--rounds N]
//   [--node PATH ...] [--only TEXT]; each --node is a Node to time the merges with, --only names cases.
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { benchAdapter } from "./adapter.ts";
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

/** One row of the table for each Node. */
interface Case {
  readonly title: string;
  /** Where its files lie. */
  readonly parent: string;
  readonly bench: (where: { folder: string; node: string; rounds: number }) => Record<string, string>;
}

function mergeCase(
  title: string,
  parent: string,
  merge: { shapes: readonly TensorShape[]; method: string; hasBase: boolean; durable: boolean },
): Case {
  return { title, parent, bench: (where) => benchMerge({ ...merge, ...where }) };
}

function adapterCase(title: string, parent: string, adapter: { rank: number; durable: boolean }): Case {
  return { title, parent, bench: (where) => benchAdapter({ ...adapter, ...where }) };
}

const GB = 1e9;
const methods = ["linear", "slerp", "dare_linear", "dare_ties", "ties", "della_linear", "della"];
const plain = { method: "linear", hasBase: false, durable: false };
const cases: readonly Case[] = [
  mergeCase("tmpfs, 2 x 1 GB", values.tmpfs, { ...plain, shapes: evenShapes(GB) }),
  mergeCase("tmpfs, 2 x 4 GB", values.tmpfs, { ...plain, shapes: evenShapes(4 * GB) }),
  mergeCase("disk, 2 x 1 GB", values.disk, { ...plain, shapes: evenShapes(GB), durable: true }),
  ...methods.map((method) =>
    mergeCase(`0.49 B, ${method}`, values.tmpfs, {
      shapes: halfBillionShapes(),
      method,
      hasBase: true,
      durable: false,
    }),
  ),
  adapterCase("tmpfs, adapter of rank 64", values.tmpfs, { rank: 64, durable: false }),
  adapterCase("disk, adapter of rank 64", values.disk, { rank: 64, durable: true }),
];

const memory = (totalmem() / 2 ** 30).toFixed(0);
console.log(`${cpus()[0]?.model}, ${cpus().length} cores, ${memory} GiB, ${values.rounds} rounds`);
const table: Record<string, Record<string, string>> = {};
for (const { title, parent, bench } of cases.filter((one) => one.title.includes(values.only))) {
  const folder = mkdtempSync(join(parent, "tensorweld-bench-"));
  try {
    for (const node of values.node) {
      const version = timed(node, ["--version"]).stdout.trim();
      table[`${title}, Node ${version}`] = bench({ folder, node, rounds: Number(values.rounds) });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.table(table);
