import * as z from "zod";
import { dtypeFromAlias, floatTypes } from "../dtype.ts";
import { isWithin } from "./bounds.ts";
import { bytesFromText } from "./byte-size.ts";
import type { Flag, FlagKind, KindValues } from "./flag.ts";

/** Reads a flag's value, from a command line's text or from JSON alike, and checks it. */
export function schemaOf(flag: Flag): z.ZodType {
  return schemas[flag.kind](flag);
}

const path = z.string().min(1);

const schemas: { readonly [Kind in FlagKind]: (flag: Flag) => z.ZodType<KindValues[Kind]> } = {
  path: () => path,
  paths: () => z.array(path).min(1),
  "path-text": () => z.string().transform(splitAtCommas).pipe(z.array(path).min(1)),
  // A name with a folder in it could lead out of the model's folder, and out of the output's.
  names: () => z.array(z.string().regex(/^(?!\.\.?$)[^/\\]+$/)),
  choice: (flag) => z.enum(flag.choices ?? []),
  switch: () => z.preprocess(switchFromText, z.boolean()),
  number: (flag) => z.preprocess(numberFromText, bounded(flag)),
  numbers: (flag) => z.array(z.preprocess(numberFromText, bounded(flag))).min(1),
  integer: (flag) => z.preprocess(numberFromText, bounded(flag).pipe(z.int())),
  size: () => z.preprocess(bytesFromText, z.int().min(1)),
  workers: () => z.preprocess(numberFromText, z.union([z.literal("auto"), z.int().min(1)])),
  dtype: () => z.preprocess(dtypeFromText, z.enum(floatTypes)),
};

function bounded(flag: Flag): z.ZodType<number> {
  const within = z.number().refine((value) => isWithin(flag, value));
  // JSON has no negative zero: what is recorded could not be read back as it was.
  return within.transform((value) => (value === 0 ? 0 : value));
}

function splitAtCommas(text: string): readonly string[] {
  return text.split(",").map((part) => part.trim());
}

/** The number that a text stands for; anything else unchanged, for the schema to refuse. */
function numberFromText(value: unknown): unknown {
  if (typeof value !== "string" || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return value;
  return Number(value);
}

const switchTexts: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["0", false],
]);

function switchFromText(value: unknown): unknown {
  if (typeof value !== "string" && typeof value !== "number") return value;
  return switchTexts.get(String(value).toLowerCase()) ?? value;
}

function dtypeFromText(value: unknown): unknown {
  return typeof value === "string" ? (dtypeFromAlias(value) ?? value) : value;
}
