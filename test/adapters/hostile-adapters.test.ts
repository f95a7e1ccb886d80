import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { weightsOf } from "../../scripts/hostile/adapter-files.ts";
import { describeProblem } from "../../src/errors.ts";
import { check, type Problem } from "../../src/index.ts";
import { temporaryFolder } from "../support/checkpoint.ts";

const corpus = join(import.meta.dirname, "../hostile/adapters");

const cases = JSON.parse(readFileSync(join(corpus, "cases.json"), "utf8")) as Record<
  string,
  readonly { readonly code: string; readonly message: string }[]
>;

/** Every rule has a code; a code that no attack reaches is a rule that nothing tests. */
const codes = [
  "adapter/configuration",
  "adapter/not-found",
  "adapter/shape",
  "adapter/unmatched",
  "adapter/unsupported",
  "adapter/weights",
  "check/config",
  "checkpoint/quantised",
  "index/unsafe-path",
  "pickle/global",
  "safetensors/header-length",
  "safetensors/too-short",
];

/** What is said about merging an attack: an adapter into an honest base, or a model with it. */
async function answersTo(attack: string): Promise<readonly Problem[]> {
  const base = temporaryFolder();
  writeFileSync(
    join(base, "model.safetensors"),
    weightsOf({ "q.weight": [3, 5], "q.bias": [3], "embed.weight": [7, 4], "norm.weight": [4] }),
  );
  const config = { model_type: "llama", hidden_size: 5, architectures: ["LlamaForCausalLM"] };
  writeFileSync(join(base, "config.json"), JSON.stringify(config));
  const isAdapter = ["adapter_config.json", "lora_config.json"].some((name) =>
    existsSync(join(attack, name)),
  );
  const models = isAdapter
    ? { lora_model_path: attack, base_model_path: base }
    : { model_path_list: [base, attack] };
  const { errors, warnings } = await check({
    ...models,
    output_path: join(base, "..", "tensorweld-no-output"),
  });
  return [...errors, ...warnings].map((problem) => ({
    ...problem,
    message: problem.message.replaceAll(base, "BASE").replaceAll(attack, "ATTACK"),
  }));
}

describe("hostile adapters, indexes and configurations", () => {
  test("every attack has its expected answers, and the other way round", () => {
    const attacks = readdirSync(corpus).filter((name) => name !== "cases.json");
    expect(Object.keys(cases).toSorted()).toEqual(attacks.toSorted());
  });

  test("every code is reached by an attack", () => {
    const reached = new Set(Object.values(cases).flatMap((answers) => answers.map(({ code }) => code)));
    expect([...reached].toSorted()).toEqual(codes);
  });

  test.each(Object.entries(cases))("%s", async (name, expected) => {
    const answers = await answersTo(join(corpus, name));
    expect(answers.map(({ code, message }) => ({ code, message }))).toEqual(expected);
    for (const answer of answers) {
      expect(answer.file?.startsWith(join(corpus, name))).toBe(true);
      expect(describeProblem(answer).length).toBeLessThan(1500);
    }
  });
});
