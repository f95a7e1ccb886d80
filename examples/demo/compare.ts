import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { merge } from "tensorweld";
import { continuation } from "./continuation.ts";
import { loadLlama } from "./llama.ts";
import { type Score, scoreText } from "./score.ts";

/** A line of the demo's table: a model's score on the held-out text of each domain. */
export interface ComparedModel {
  readonly name: "base" | "bible" | "python" | "merged";
  readonly bible: Score;
  readonly python: Score;
}

/** A prompt, and what the merged model writes after it. */
export interface Sample {
  readonly prompt: string;
  readonly written: string;
}

/** What the demo shows. */
export interface Comparison {
  readonly mergeSeconds: number;
  readonly models: readonly ComparedModel[];
  readonly samples: readonly Sample[];
}

const PROMPTS = ["And the LORD said unto Moses,", "def read_file(path):"];
const WRITTEN_BYTES = 180;

/** Merges the demo's two parents into a folder that is gone afterwards, and scores all four. */
export async function compareDemo(): Promise<Comparison> {
  const base = demoPath("models/base");
  const parents = { bible: demoPath("models/bible"), python: demoPath("models/python") };
  const folder = await mkdtemp(join(tmpdir(), "tensorweld-demo-"));
  try {
    const merged = join(folder, "merged");
    const report = await merge({
      merge_method: "linear",
      model_path_list: [parents.bible, parents.python],
      weight_list: [0.5, 0.5],
      output_path: merged,
    });
    const models = [
      await compared("base", base),
      await compared("bible", parents.bible),
      await compared("python", parents.python),
      await compared("merged", merged),
    ];
    const model = await loadLlama(merged);
    const samples = PROMPTS.map((prompt) => ({
      prompt,
      written: continuation(model, prompt, WRITTEN_BYTES),
    }));
    return { mergeSeconds: report.seconds, models, samples };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compared(name: ComparedModel["name"], folder: string): Promise<ComparedModel> {
  const model = await loadLlama(folder);
  return {
    name,
    bible: scoreText(model, await readFile(demoPath("text/bible.txt"))),
    python: scoreText(model, await readFile(demoPath("text/python.txt"))),
  };
}

function demoPath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
