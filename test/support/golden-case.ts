import { join } from "node:path";
import type { Config } from "tensorweld";
import { z } from "zod";
import { writeGeneratedCheckpoint } from "./generated-checkpoint.ts";

/** What every `case.json` of a golden merge has. */
export const goldenCase = z.strictObject({
  note: z.string(),
  /** Flags of the merge; paths are relative to the case's folder. */
  config: z.looseObject({
    model_path_list: z.array(z.string()),
    base_model_path: z.string().optional(),
  }),
  /** Inputs too big to keep: made anew, one folder per seed. */
  generated: z
    .strictObject({
      tensors: z.array(z.strictObject({ name: z.string(), shape: z.array(z.number()) })),
      seeds: z.record(z.string(), z.number()),
    })
    .optional(),
});

type GoldenCase = z.infer<typeof goldenCase>;

/** The folder that the case's paths start from: its own, or one in `work` that is filled with generated inputs. */
export async function goldenInputs(golden: GoldenCase, folder: string, work: string): Promise<string> {
  if (golden.generated === undefined) return folder;
  const { tensors, seeds } = golden.generated;
  const inputs = join(work, "inputs");
  for (const [model, seed] of Object.entries(seeds)) {
    await writeGeneratedCheckpoint(join(inputs, model), tensors, seed);
  }
  return inputs;
}

/** The case's configuration with its paths made absolute, and `more` laid over it. */
export function goldenRequest(golden: GoldenCase, inputs: string, more: object): Config {
  const { model_path_list: models, base_model_path: base, ...config } = golden.config;
  return {
    ...config,
    model_path_list: models.map((model) => join(inputs, model)),
    ...(base === undefined ? {} : { base_model_path: join(inputs, base) }),
    ...more,
  };
}
