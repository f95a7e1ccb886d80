import { type ComparedModel, compareDemo, type Comparison, type Sample } from "./compare.ts";

const NAME_WIDTH = 36;
const COLUMN_WIDTH = 20;
const RULE = "-".repeat(NAME_WIDTH + 2 * COLUMN_WIDTH);
const NAMES: Record<ComparedModel["name"], string> = {
  base: "base: a little of both",
  bible: "parent A: base, then the Bible only",
  python: "parent B: base, then Python only",
  merged: "merged: 0.5 A + 0.5 B",
};

function line(name: string, ...columns: string[]): string {
  return name.padEnd(NAME_WIDTH) + columns.map((text) => text.padStart(COLUMN_WIDTH)).join("");
}

function modelLine({ name, bible, python }: ComparedModel): string {
  const cells = [bible, python].map(
    ({ bitsPerByte, accuracy }) => `${bitsPerByte.toFixed(3)}   ${(100 * accuracy).toFixed(1)} %`,
  );
  return line(NAMES[name], ...cells);
}

function sampleLines({ prompt, written }: Sample): string {
  const text = `[${prompt}]${written}...`;
  return text.replaceAll(/(?=.{76})(.{1,74}) /g, "$1\n").replaceAll(/^(?=.)/gm, "  ");
}

function report({ mergeSeconds, models, samples }: Comparison): string {
  return [
    "",
    `Merged in ${mergeSeconds.toFixed(2)} s. Scores on text that no model was trained on:`,
    "bits per byte (lower is better), and next bytes guessed right.",
    "",
    line("", "Bible: Ruth", "Python: filecmp"),
    RULE,
    ...models.map(modelLine),
    RULE,
    "",
    "What the merged model writes after the words in brackets:",
    ...samples.flatMap((sample) => ["", sampleLines(sample)]),
    "",
    "",
  ].join("\n");
}

process.stdout.write(report(await compareDemo()));
