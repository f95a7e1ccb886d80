import { openAdapter } from "../../src/adapters/adapter.ts";
import type { Adapter } from "../../src/adapters/adapter.ts";
import { applyAdapter } from "../../src/adapters/apply.ts";
import type { AppliedAdapter } from "../../src/adapters/apply.ts";
import { bytesOf } from "../../src/dtype.ts";
import type { DType } from "../../src/dtype.ts";
import type { Problem } from "../../src/errors.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import type { Storage } from "../../src/io/storage.ts";
import { entryOf, fileOf } from "../../scripts/hostile/safetensors-bytes.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { refusal } from "../support/refusal.ts";

/** Tensors by name: a shape, of type F32 unless one is named. Their elements are zero. */
export type Shapes = Readonly<
  Record<string, readonly number[] | { readonly dtype: DType; readonly shape: readonly number[] }>
>;

/** A safetensors file of these tensors. */
export function weights(shapes: Shapes): Uint8Array {
  let end = 0;
  const entries = Object.entries(shapes).map(([name, spec]) => {
    const { dtype, shape } = "dtype" in spec ? spec : { dtype: "F32" as const, shape: spec };
    const begin = end;
    end += bytesOf(
      dtype,
      shape.reduce((product, size) => product * size, 1),
    );
    return entryOf(name, `"${dtype}"`, JSON.stringify(shape), `[${begin},${end}]`);
  });
  return fileOf(`{${entries.join(",")}}`, end);
}

/** Text of a configuration: an object, or what it is as it is. */
export function text(settings: object | string): Uint8Array {
  return new TextEncoder().encode(typeof settings === "string" ? settings : JSON.stringify(settings));
}

/** The settings of the smallest PEFT adapter. */
export const peftSettings = { peft_type: "LORA", r: 2, lora_alpha: 4 };

/** Two factors of a Linear layer in PEFT's layout. */
export function linear(module: string, outputs: number, inputs: number, rank = 2): Shapes {
  return {
    [`base_model.model.${module}.lora_A.weight`]: [rank, inputs],
    [`base_model.model.${module}.lora_B.weight`]: [outputs, rank],
  };
}

/** A storage with a PEFT adapter in /a and, if there are shapes for it, a base in /b. */
export function peftStorage(settings: object | string, adapter: Shapes, base?: Shapes): Storage {
  const whole = typeof settings === "string" ? settings : { ...peftSettings, ...settings };
  return storageOf({
    "/a/adapter_config.json": text(whole),
    "/a/adapter_model.safetensors": weights(adapter),
    ...(base !== undefined && { "/b/model.safetensors": weights(base) }),
  });
}

/** The same of PaddleNLP's. */
export function paddleStorage(settings: object, adapter: Shapes, base?: Shapes): Storage {
  return storageOf({
    "/a/lora_config.json": text({ r: 2, lora_alpha: 4, ...settings }),
    "/a/peft_model.safetensors": weights(adapter),
    ...(base !== undefined && { "/b/model.safetensors": weights(base) }),
  });
}

/** A storage of files by absolute path. */
export function storageOf(files: Readonly<Record<string, Uint8Array>>): Storage {
  return memoryStorage(new Map(Object.entries(files)));
}

/** The adapter in /a. */
export async function open(storage: Storage): Promise<Adapter> {
  return openAdapter(storage, "/a");
}

/** What the adapter in /a does to the base in /b. */
export async function apply(storage: Storage): Promise<AppliedAdapter> {
  return applyAdapter(await open(storage), await openCheckpoint(storage, "/b", "model"));
}

/** The problems that `action` is refused with. */
export async function problemsOf(action: () => Promise<unknown>): Promise<readonly Problem[]> {
  return (await refusal(action())).problems;
}
