// Writes test/hostile/zip/: one file for each attack on the readers of zips and of PyTorch's files, and cases.json with
// the problems that each must be refused with. Run from the root: npx tsx scripts/hostile-zips.ts
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { torchAttacks } from "./hostile/torch-attacks.ts";
import { zipAttacks } from "./hostile/zip-attacks.ts";

const folder = join(import.meta.dirname, "../test/hostile/zip");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const attacks = [...zipAttacks, ...torchAttacks];
for (const { name, bytes } of attacks) writeFileSync(join(folder, name), bytes);

const cases = attacks.map(({ name, problems }) => [name, problems] as const);
const sorted = Object.fromEntries(cases.toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(join(folder, "cases.json"), `${JSON.stringify(sorted, null, 2)}\n`);
