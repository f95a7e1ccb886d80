import type { DType } from "../../src/dtype.ts";
import { entryOf, fileOf } from "./safetensors-bytes.ts";

/** A problem that an attack must be answered with. */
export interface ExpectedAnswer {
  readonly code: string;
  readonly message: string;
}

/** A folder, and all that is said about it. */
export interface FolderAttack {
  readonly name: string;
  /** Contents of its files by their names. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly answers: readonly ExpectedAnswer[];
}

/** Members of a JSON object by their names, each as the text that stands there: so that they can be no JSON at all. */
export type Members = Readonly<Record<string, string>>;

export function objectOf(members: Members): string {
  const texts = Object.entries(members).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  return `{${texts.join(",")}}`;
}

/** Shapes of tensors by their names, of type F32 unless it is told. */
export type Shapes = Readonly<Record<string, readonly number[] | readonly [DType, readonly number[]]>>;

/** A valid safetensors file of these tensors, all zeros. */
export function weightsOf(shapes: Shapes): Uint8Array {
  let end = 0;
  const entries = Object.entries(shapes).map(([name, spec]) => {
    const [dtype, shape] = isTyped(spec) ? spec : (["F32", spec] as const);
    const begin = end;
    end += shape.reduce((product, size) => product * size, widths[dtype] ?? 4);
    return entryOf(name, `"${dtype}"`, JSON.stringify(shape), `[${begin},${end}]`);
  });
  return fileOf(`{${entries.join(",")}}`, end);
}

/** Bytes of an element, where they are not four. */
const widths: Partial<Record<DType, number>> = { I8: 1, BOOL: 1, I64: 8 };

function isTyped(spec: Shapes[string]): spec is readonly [DType, readonly number[]] {
  return typeof spec[0] === "string";
}

/** Settings of PEFT's smallest adapter. */
export const peftSettings: Members = { peft_type: '"LORA"', r: "2", lora_alpha: "4" };

/** An adapter of PEFT's with valid weights and this configuration. */
export function peftAttack(
  name: string,
  config: string | Uint8Array,
  code: string,
  message: string,
): FolderAttack {
  const factors = {
    "base_model.model.q.lora_A.weight": [2, 5],
    "base_model.model.q.lora_B.weight": [3, 2],
  };
  const files = { "adapter_config.json": config, "adapter_model.safetensors": weightsOf(factors) };
  return { name, files, answers: [{ code, message }] };
}
