// Writes test/hostile/safetensors/: one file or folder for each attack on the reader of safetensors, and cases.json
// with the problems that each must be refused with. Run from the root: npx tsx scripts/hostile-safetensors.ts
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attacks } from "./hostile/safetensors-attacks.ts";
import { indexAttacks } from "./hostile/safetensors-index-attacks.ts";

const folder = join(import.meta.dirname, "../test/hostile/safetensors");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

for (const { name, bytes } of attacks) writeFileSync(join(folder, name), bytes);
for (const { name, files } of indexAttacks) {
  mkdirSync(join(folder, name));
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, name, file), bytes);
}

const cases = [...attacks, ...indexAttacks].map(({ name, problems }) => [name, problems] as const);
const sorted = Object.fromEntries(cases.toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(join(folder, "cases.json"), `${JSON.stringify(sorted, null, 2)}\n`);
