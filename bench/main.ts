// Prints the figures of bench/README.md. Usage: npm run bench -- [--tmpfs DIR] [--disk DIR] [--rounds N]
//   [--node PATH ...] [--only TEXT]; each --node is a Node to time the merges with, --only names cases. With --memory
//   it measures memory instead of time, for each [--budget MB ...] and [--workers N ...]; with --device gpu, a GPU.
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { benchAdapter } from "./adapter.ts";
import { evenShapes } from "./checkpoints.ts";
import { timed } from "./measure.ts";
import { benchGpu } from "./gpu.ts";
import { benchMemory } from "./memory.ts";
import { benchMerge, type MergeBench } from "./merge.ts";
import { halfBillionShapes } from "./qwen-shapes.ts";
import { timedRecipes } from "./recipes.ts";

const { values } = parseArgs({
  options: {
    tmpfs: { type: "string", default: "/dev/shm" },
    disk: { type: "string", default: tmpdir() },
    rounds: { type: "string", default: "5" },
    node: { type: "string", multiple: true, default: [process.execPath] },
    only: { type: "string", default: "" },
    memory: { type: "boolean", default: false },
    device: { type: "string", default: "cpu" },
    budget: { type: "string", multiple: true, default: ["64", "256"] },
    workers: { type: "string", multiple: true, default: ["1", "2", "4"] },
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
  merge: Pick<MergeBench, "shapes" | "method" | "hasBase" | "durable">,
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
  ...timedRecipes.map((recipe) =>
    mergeCase(`0.49 B, recipe of ${recipe.method}`, values.tmpfs, {
      shapes: halfBillionShapes(),
      method: recipe,
      hasBase: recipe.base === "named",
      durable: false,
    }),
  ),
  adapterCase("tmpfs, adapter of rank 64", values.tmpfs, { rank: 64, durable: false }),
  adapterCase("disk, adapter of rank 64", values.disk, { rank: 64, durable: true }),
];

const memory = (totalmem() / 2 ** 30).toFixed(0);
console.log(`${cpus()[0]?.model}, ${cpus().length} cores, ${memory} GiB, ${values.rounds} rounds`);
console.table(values.memory ? memoryTable() : values.device === "gpu" ? await gpuTable() : timeTable());

function memoryTable(): Record<string, Record<string, string>> {
  const [budgets, workers] = [values.budget.map(Number), values.workers.map(Number)];
  return inFolder(values.disk, (folder) =>
    benchMemory({ folder, node: values.node[0]!, budgets, workers, only: values.only }),
  );
}

async function gpuTable(): Promise<Record<string, Record<string, string>>> {
  const table: Record<string, Record<string, string>> = {};
  const [node, rounds] = [values.node[0]!, Number(values.rounds)];
  for (const method of methods.filter((one) => one.includes(values.only))) {
    const folder = mkdtempSync(join(values.tmpfs, "tensorweld-bench-"));
    try {
      table[`0.49 B, ${method}`] = await benchGpu({
        folder,
        method,
        shapes: halfBillionShapes(),
        node,
        rounds,
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return table;
}

function timeTable(): Record<string, Record<string, string>> {
  const table: Record<string, Record<string, string>> = {};
  for (const { title, parent, bench } of cases.filter((one) => one.title.includes(values.only))) {
    inFolder(parent, (folder) => {
      for (const node of values.node) {
        const version = timed(node, ["--version"]).stdout.trim();
        table[`${title}, Node ${version}`] = bench({ folder, node, rounds: Number(values.rounds) });
      }
    });
  }
  return table;
}

/** Calls `work` with an empty folder, which is deleted after. */
function inFolder<T>(parent: string, work: (folder: string) => T): T {
  const folder = mkdtempSync(join(parent, "tensorweld-bench-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
