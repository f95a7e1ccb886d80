// Writes test/hostile/pickle/: one .pdparams file for each attack on the readers of pickles and of Paddle's files, and
// cases.json with the problems that each must be refused with. Run from the root: npx tsx scripts/hostile-pickles.ts
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pdparamsAttacks } from "./hostile/pdparams-attacks.ts";
import { pickleAttacks } from "./hostile/pickle-attacks.ts";

const folder = join(import.meta.dirname, "../test/hostile/pickle");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const attacks = [...pickleAttacks, ...pdparamsAttacks].map((attack) => {
  return { ...attack, name: `${attack.name}.pdparams` };
});
for (const { name, bytes } of attacks) writeFileSync(join(folder, name), bytes);

const cases = attacks.map(({ name, problems }) => [name, problems] as const);
const sorted = Object.fromEntries(cases.toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(join(folder, "cases.json"), `${JSON.stringify(sorted, null, 2)}\n`);
