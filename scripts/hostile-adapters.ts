// Writes test/hostile/adapters/: a folder for each attack by an adapter, by the index of any format, or by a model's
// config.json, and cases.json with what must be said about each. Run from the root: npx tsx scripts/hostile-adapters.ts
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adapterConfigAttacks } from "./hostile/adapter-config-attacks.ts";
import { adapterFileAttacks } from "./hostile/adapter-file-attacks.ts";
import { adapterMeaningAttacks } from "./hostile/adapter-meaning-attacks.ts";
import { adapterWeightAttacks } from "./hostile/adapter-weight-attacks.ts";
import { indexAttacks } from "./hostile/index-attacks.ts";
import { modelConfigAttacks } from "./hostile/model-config-attacks.ts";

const folder = join(import.meta.dirname, "../test/hostile/adapters");
rmSync(folder, { recursive: true, force: true });

const attacks = [
  ...adapterConfigAttacks,
  ...adapterMeaningAttacks,
  ...adapterWeightAttacks,
  ...adapterFileAttacks,
  ...indexAttacks,
  ...modelConfigAttacks,
];
for (const { name, files } of attacks) {
  mkdirSync(join(folder, name), { recursive: true });
  for (const [file, contents] of Object.entries(files)) writeFileSync(join(folder, name, file), contents);
}

const cases = attacks.map(({ name, answers }) => [name, answers] as const);
const sorted = Object.fromEntries(cases.toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(join(folder, "cases.json"), `${JSON.stringify(sorted, null, 2)}\n`);
