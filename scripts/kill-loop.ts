// Kills merges at random moments and resumes them; fails when an output is ever seen that is not whole, or differs.
// Usage, from the root, after `npm run build`: npx tsx scripts/kill-loop.ts --merges 200 [--seed N] [--folder DIR]
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { killLoop } from "./kill-loop/kill-loop.ts";

const { values } = parseArgs({
  options: {
    merges: { type: "string", default: "200" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    folder: { type: "string", default: tmpdir() },
    program: { type: "string", default: join(import.meta.dirname, "../dist/cli/main.js") },
  },
});

console.log(`seed ${values.seed}`);
let done = 0;
const { merges, kills, journaledPieces, resumedPieces, violations } = await killLoop({
  merges: Number(values.merges),
  seed: Number(values.seed),
  parent: values.folder,
  program: values.program,
  log: (line) => console.log(`${++done}. ${line}`),
});
console.table(kills);
const total = Object.values(kills).reduce((sum, count) => sum + count, 0);
console.log(
  `${merges} merges, ${total} kills, ${violations.length} violations; of ${journaledPieces} pieces that were journaled ` +
    `before the last resumption ${resumedPieces} were not done again`,
);
for (const violation of violations) console.error(violation);
process.exitCode = violations.length === 0 ? 0 : 1;
