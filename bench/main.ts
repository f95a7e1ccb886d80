// Prints the figures of bench/README.md. Usage: npm run bench -- [--tmpfs DIR] [--disk DIR] [--rounds N]
//   [--node PATH ...]; each --node is another Node to time the merge with.
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { benchLinear } from "./linear.ts";
import { timed } from "./measure.ts";

const { values } = parseArgs({
  options: {
    tmpfs: { type: "string", default: "/dev/shm" },
    disk: { type: "string", default: tmpdir() },
    rounds: { type: "string", default: "5" },
    node: { type: "string", multiple: true, default: [process.execPath] },
    only: { type: "string" },
  },
});

const GB = 1e9;
const rounds = Number(values.rounds);

interface Case {
  readonly title: string;
  readonly parent: string;
  readonly bytes: number;
  readonly durable: boolean;
}

const cases: readonly Case[] = [
  { title: "tmpfs, 2 x 1 GB", parent: values.tmpfs, bytes: GB, durable: false },
  { title: "tmpfs, 2 x 4 GB", parent: values.tmpfs, bytes: 4 * GB, durable: false },
  { title: "disk, 2 x 1 GB", parent: values.disk, bytes: GB, durable: true },
];

console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${rounds} rounds`,
);
const table: Record<string, Record<string, string>> = {};
for (const { title, parent, bytes, durable } of cases.filter((one) =>
  one.title.includes(values.only ?? ""),
)) {
  const folder = mkdtempSync(join(parent, "tensorweld-bench-"));
  try {
    for (const node of values.node) {
      const version = timed(node, ["--version"]).stdout.trim();
      table[`${title}, Node ${version}`] = benchLinear({ folder, bytes, durable, node, rounds });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.table(table);
