import { rmSync } from "node:fs";
import { join } from "node:path";

import { evenShapes, makeCheckpoint, makeSparseCheckpoint, type TensorShape } from "./checkpoints.ts";
import { peakBytes } from "./peak-memory.ts";

/** Bytes that a process may take beside the budget of its buffers. */
const ALLOWANCE = 100e6;

const methods = ["linear", "slerp", "dare_linear", "dare_ties", "ties", "della_linear", "della"];

/** Inputs of one shape, of which two and a base are merged. */
interface MemoryCase {
  readonly title: string;
  readonly shapes: readonly TensorShape[];
  /** Whether the files hold numbers; else they are holes, which take no space on the disk. */
  readonly hasNumbers: boolean;
}

const cases: readonly MemoryCase[] = [
  { title: "3 x 8 GB, holes", shapes: evenShapes(8e9), hasNumbers: false },
  { title: "3 x 1 GB", shapes: evenShapes(1e9), hasNumbers: true },
  { title: "10,000 tensors", shapes: manyShapes(10_000), hasNumbers: true },
  { title: "a tensor of 3 GB, holes", shapes: [{ name: "w", shape: [366_210, 4096] }], hasNumbers: false },
];

export interface MemoryBench {
  /** Where inputs and outputs lie: some 12 GB at a time. */
  readonly folder: string;
  readonly node: string;
  /** Values of `--max_memory`, in MB. */
  readonly budgets: readonly number[];
  readonly workers: readonly number[];
  /** Only cases and methods whose titles contain it. */
  readonly only: string;
}

/**
 * The most memory that merges of all methods hold, by case and method: for each budget and number of workers the peak in MB,
 * with an exclamation mark where it is more than the budget and 100 MB.
 */
export function benchMemory(bench: MemoryBench): Record<string, Record<string, string>> {
  const table: Record<string, Record<string, string>> = {};
  for (const { title, shapes, hasNumbers } of cases) {
    const rows = methods.filter((method) => `${title}, ${method}`.includes(bench.only));
    const inputs = ["a", "b", "base"].map((name) => join(bench.folder, name));
    if (rows.length > 0) {
      inputs.forEach((input, index) =>
        hasNumbers ? makeCheckpoint(input, shapes, index + 1) : makeSparseCheckpoint(input, shapes),
      );
    }
    for (const method of rows) {
      const row: Record<string, string> = {};
      for (const workers of bench.workers) {
        for (const budget of bench.budgets) {
          row[`${budget} MB, ${workers} workers`] = peakText(bench, inputs, { method, workers, budget });
        }
      }
      table[`${title}, ${method}`] = row;
    }
    for (const input of inputs) rmSync(input, { recursive: true, force: true });
  }
  return table;
}

interface Settings {
  readonly method: string;
  readonly workers: number;
  /** In MB. */
  readonly budget: number;
}

function peakText({ folder, node }: MemoryBench, inputs: readonly string[], settings: Settings): string {
  const { method, workers, budget } = settings;
  const [a, b, base] = inputs as readonly [string, string, string];
  const out = join(folder, "out");
  const models = ["--model_path_list", a, b, "--base_model_path", base, "--output_path", out];
  const work = ["--n_process", String(workers), "--max_memory", `${budget}MB`];
  try {
    const command = ["dist/cli/main.js", "merge", "--merge_method", method, ...models, ...work];
    const bytes = peakBytes(node, command);
    const isTooMuch = bytes > budget * 1e6 + ALLOWANCE;
    return `${(bytes / 1e6).toFixed(0)}${isTooMuch ? " !" : ""}`;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Tensors such as a model of very many layers has: small matrices, and vectors of a few elements. */
function manyShapes(count: number): readonly TensorShape[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `model.layers.${index}.weight`,
    shape: index % 2 === 0 ? [64, 128] : [128],
  }));
}
