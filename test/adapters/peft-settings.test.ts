import { describe, expect, test } from "vitest";

import { linear, open, peftSettings, peftStorage, problemsOf } from "./small-adapter.ts";

const factors = linear("q", 3, 5);

async function messagesFor(settings: object): Promise<readonly string[]> {
  const problems = await problemsOf(async () => open(peftStorage(settings, factors)));
  expect(problems.every(({ file }) => file === "/a/adapter_config.json")).toBe(true);
  return problems.map(({ code, message }) => `${code}: ${message}`);
}

describe("a setting of the wrong kind is refused with what it is and what it has to be", () => {
  test.each<readonly [string, unknown, string]>([
    ["r", 0, "r is 0, where a whole number from 1 on is needed"],
    ["r", -8, "r is -8, where a whole number from 1 on is needed"],
    ["r", 8.5, "r is 8.5, where a whole number from 1 on is needed"],
    ["r", "8", 'r is the string "8", where a whole number from 1 on is needed'],
    ["r", null, "r is null, where a whole number from 1 on is needed"],
    ["lora_alpha", "16", 'lora_alpha is the string "16", where a number is needed'],
    ["lora_alpha", true, "lora_alpha is true, where a number is needed"],
    ["use_rslora", 1, "use_rslora is 1, where true or false is needed"],
    ["use_dora", "yes", 'use_dora is the string "yes", where true or false is needed'],
    [
      "target_modules",
      ["q", 3],
      'target_modules is [the string "q", 3], where a string or an array of strings is needed',
    ],
    ["bias", ["all"], 'bias is [the string "all"], where a string is needed'],
    ["rank_pattern", [8], "rank_pattern is [8], where an object of numbers is needed"],
    ["rank_pattern", { q: 0 }, '"q" of rank_pattern is 0, where a whole number from 1 on is needed'],
    ["alpha_pattern", { q: null }, '"q" of alpha_pattern is null, where a number is needed'],
    ["peft_type", null, 'peft_type is null, where the string "LORA" is needed'],
  ])("%s: %j", async (key, value, message) => {
    expect(await messagesFor({ [key]: value })).toEqual([`adapter/configuration: ${message}`]);
  });

  test("an alpha that is infinite once it is read", async () => {
    const settings = `{"peft_type":"LORA","r":2,"lora_alpha":1e999}`;
    const [problem] = await problemsOf(async () => open(peftStorage(settings, factors)));
    expect(problem?.message).toBe("lora_alpha is 1e999, where a number that float32 has room for is needed");
  });

  test("settings that are absent", async () => {
    const [problem, second] = await problemsOf(async () =>
      open(peftStorage('{"peft_type":"LORA"}', factors)),
    );
    expect([problem?.message, second?.message]).toEqual([
      "r is absent, where a whole number from 1 on is needed",
      "lora_alpha is absent, where a number is needed",
    ]);
  });
});

describe("what is more than LoRA is refused by name", () => {
  test.each<readonly [object, RegExp]>([
    [{ peft_type: "OFT" }, /another method, OFT; only LoRA/],
    [{ peft_type: "P_TUNING" }, /another method, P-tuning; only LoRA/],
    [{ layer_replication: [[0, 2]] }, /layer_replication .*repeated layers/],
    [{ target_parameters: ["experts.up"] }, /target_parameters .*experts/],
    [{ trainable_token_indices: { wte: [1] } }, /trainable_token_indices is an object.*rows of its own/],
    [{ use_qalora: true }, /use_qalora is true.*QALoRA/],
    [{ alora_invocation_tokens: [1] }, /aLoRA/],
    [{ megatron_config: { tensor_model_parallel_size: 2 } }, /Megatron/],
    [{ monteclora_config: { buffer_size: 1 } }, /MonteCLoRA/],
    [{ velora_config: { scale: 1 } }, /VeLoRA/],
    [{ arrow_config: { top_k: 1 } }, /Arrow/],
    [{ init_lora_weights: "pissa_niter_16" }, /"pissa_niter_16": PiSSA took/],
    [{ init_lora_weights: "CorDA" }, /CorDA took/],
    [{ init_lora_weights: "lora_ga" }, /LoRA-GA took/],
    [{ init_lora_weights: "loftq" }, /LoftQ quantised/],
    [{ init_lora_weights: "next_year" }, /start of training that is not known/],
    [{ enable_lora: [true, false] }, /enable_lora is \[true, false\], a setting that is not known/],
    [{ lora_of_next_year: 0.5 }, /lora_of_next_year is 0\.5, a setting that is not known/],
  ])("%j", async (settings, message) => {
    expect(await messagesFor(settings)).toEqual([expect.stringMatching(message)]);
    expect(await messagesFor(settings)).toEqual([expect.stringMatching(/^adapter\/unsupported/)]);
  });

  test("each by itself, all at once", async () => {
    const settings = {
      r: 0,
      use_qalora: true,
      lora_of_next_year: { on: true },
      rank_pattern: { "(?!a)": 1 },
    };
    expect(await messagesFor(settings)).toHaveLength(4);
  });

  test("a setting with a name or a value of any length", async () => {
    const [message] = await messagesFor({ ["x".repeat(100_000)]: "y".repeat(100_000) });
    expect(message!.length).toBeLessThan(1000);
  });

  test("thousands of settings in a list of fifty", async () => {
    const settings = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`setting${index}`, 1]));
    expect(await messagesFor(settings)).toHaveLength(51);
  });
});

describe("what changes no meaning is read over", () => {
  test.each<object>([
    { init_lora_weights: false },
    { init_lora_weights: "gaussian" },
    { init_lora_weights: "eva", eva_config: { rho: 2 } },
    { init_lora_weights: "orthogonal" },
    {
      lora_dropout: 0.05,
      task_type: "CAUSAL_LM",
      auto_mapping: { base_model_class: "X" },
      inference_mode: true,
    },
    { layers_to_transform: [1, 2], layers_pattern: "layers", exclude_modules: ["k"] },
    { megatron_config: null, megatron_core: "megatron.core", loftq_config: {}, corda_config: null },
    {
      enable_lora: null,
      merge_weights: false,
      lora_of_next_year: [],
      another: "",
      third: {},
      fourth: [null],
    },
  ])("%j", async (settings) => {
    const adapter = await open(peftStorage(settings, factors));
    expect(adapter.rank).toBe(peftSettings.r);
  });
});
