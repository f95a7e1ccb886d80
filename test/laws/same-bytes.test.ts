import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/checkpoint.ts";
import { mergeTensors, mergeWritten, type Tensors, writeInput, writeShards } from "../support/merging.ts";
import { withoutProvenance } from "../support/without-provenance.ts";

type Flags = Parameters<typeof mergeTensors>[1];

/** Tensors of several blocks and of a few elements, in no order of their names. */
const lengths = { "z.long": 150_001, "a.short": 5, "m.middle": 65_537, "b.none": 0, "c.one": 1 };

function model(phase: number): Readonly<Record<keyof typeof lengths, Float32Array>> {
  return Object.fromEntries(
    Object.entries(lengths).map(([name, length]) => [
      name,
      Float32Array.from({ length }, (_, at) => Math.sin(phase + at * (1 + phase))),
    ]),
  ) as Record<keyof typeof lengths, Float32Array>;
}

const models = [model(0.5), model(1.25)];
const base = model(2);

const combinations = ["none", "trim", "dare", "magprune"].flatMap((sparsify) =>
  ["linear", "ties", "slerp"].map((merge): Flags => ({ sparsify_type: sparsify, merge_type: merge })),
);

test.each(combinations)("neither workers nor memory show in a byte: %j", async (flags) => {
  const input = writeInput({ models, base });
  const wanted = readFileSync(await mergeWritten(input, flags));
  for (const settings of [
    { n_process: 2 },
    { n_process: 3, max_memory: "160MB" },
    { n_process: "auto" as const, max_memory: "512MB" },
  ]) {
    const found = readFileSync(await mergeWritten(input, { ...flags, ...settings }));
    expect(found.equals(wanted), JSON.stringify(settings)).toBe(true);
  }
});

test.each<Flags>([
  { merge_method: "ties" },
  { merge_method: "slerp" },
  { merge_method: "dare_linear" },
  { merge_method: "della" },
])("the inputs' shards do not show in a byte but of the provenance: %j", async (flags) => {
  const input = writeInput({ models, base });
  const wanted = withoutProvenance(readFileSync(await mergeWritten(input, flags)));
  const names = Object.keys(lengths);
  // One tensor or another in a file of its own.
  for (const moved of ["z.long", "a.short"]) {
    const folder = join(temporaryFolder(), "sharded");
    writeShards(folder, models[0]!, [names.filter((name) => name !== moved), [moved]]);
    const { model_path_list: paths } = input.config;
    const config = { ...input.config, model_path_list: [folder, ...paths!.slice(1)] };
    const found = withoutProvenance(readFileSync(await mergeWritten({ ...input, config }, flags)));
    expect(found.equals(wanted), moved).toBe(true);
  }
});

test.each<Flags>([{ sparsify_type: "dare" }, { sparsify_type: "magprune" }])(
  "a seed gives one mask, another seed another: %j",
  async (flags) => {
    const input = writeInput({ models, base });
    const merged = async (more: Flags): Promise<string> =>
      withoutProvenance(readFileSync(await mergeWritten(input, { ...flags, ...more }))).toString("base64");
    const assumed = await merged({});
    expect(await merged({ seed: 42 })).toBe(assumed);
    const others = [
      await merged({ seed: 0 }),
      await merged({ seed: 43 }),
      await merged({ seed: 42 + 2 ** 32 }),
    ];
    expect(new Set([assumed, ...others]).size).toBe(4);
  },
);

test.each<Flags>([{ sparsify_type: "dare" }, { sparsify_type: "magprune" }])(
  "a mask depends on its tensor's name, not on what else is merged: %j",
  async (flags) => {
    const values = model(1)["m.middle"];
    const merged = async (tensors: Tensors) => mergeTensors({ models: [tensors, tensors] }, flags);
    const alone = await merged({ name: values });
    const among = await merged({ "first of all": values, name: values, zzz: values.slice(0, 10) });
    expect(among.get("name")).toEqual(alone.get("name"));
    expect(among.get("first of all")).not.toEqual(alone.get("name"));
  },
);

test.each<Flags>([{ merge_method: "linear" }, { merge_method: "ties" }, { merge_method: "slerp" }])(
  "a method that draws nothing does not depend on the seed: %j",
  async (flags) => {
    const input = writeInput({ models, base });
    const [one, other] = [await mergeWritten(input, flags), await mergeWritten(input, { ...flags, seed: 7 })];
    const bytes = [one, other].map((file) => withoutProvenance(readFileSync(file)));
    expect(bytes[0]!.equals(bytes[1]!)).toBe(true);
  },
);
