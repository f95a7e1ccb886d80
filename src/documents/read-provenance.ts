import * as z from "zod";
import { dtypes } from "../dtype.ts";
import { parseJson } from "../formats/json.ts";
import { plainJson } from "../formats/plain-json.ts";
import { weightPrefixes } from "../formats/format.ts";
import { sha256Hex } from "../sha256.ts";
import { isShortEnough, type Provenance, provenanceText } from "./provenance.ts";
import { shownText } from "./shown-text.ts";

/** The provenance that a model brings with it, when it is the output of a merge. */
export interface Parent {
  /** `sha256:` and the hash of its text in hexadecimal. */
  readonly digest: string;
  /** Absent when the text is too long, or not what Tensorweld writes. */
  readonly provenance?: Provenance;
}

/** Merges within each other that a provenance tells of, its own included. Their JSON nests three deep for each. */
export const MAX_GENERATIONS = 8;

/** What stands under Tensorweld's key in the header of a model's weights; whoever made the model may have written it. */
export async function readParent(text: string): Promise<Parent> {
  const digest = `sha256:${await sha256Hex(new TextEncoder().encode(text))}`;
  const provenance = isShortEnough(text) ? parseProvenance(text) : undefined;
  // One more generation is about to be put around it.
  const isNested = provenance !== undefined && generationsOf(provenance) < MAX_GENERATIONS;
  return { digest, ...(isNested && { provenance }) };
}

const shown = z
  .string()
  .min(1)
  .refine((text) => text === shownText(text));
const word = z.string().regex(/^[\w.+-]{1,64}$/);
const sha256 = /[0-9a-f]{64}/;
const digest = z.string().regex(new RegExp(`^sha256:${sha256.source}$`));
const files = z.array(
  z.strictObject({ name: shown, header: z.string().regex(new RegExp(`^${sha256.source}$`)) }),
);
const applied = z.strictObject({
  method: word,
  parameters: z.record(z.string().regex(/^[a-z]\w{0,63}$/i), z.union([z.number(), z.boolean(), word])),
});

// Keys in the order in which they are written: read and written again, a text is the same.
const schema: z.ZodType<Provenance> = z.strictObject({
  tool: z.literal("tensorweld"),
  version: word,
  sparsify: applied.exactOptional(),
  merge: applied.exactOptional(),
  seed: z.int().min(0),
  dtype: z.enum(dtypes).exactOptional(),
  prefix: z.enum(weightPrefixes),
  recipe: digest.exactOptional(),
  device: z.literal("gpu").exactOptional(),
  inputs: z.array(
    z.strictObject({
      name: shown,
      role: z.enum(["base", "model"]),
      weight: z.number().exactOptional(),
      adapter: z.strictObject({ name: shown, files }).exactOptional(),
      files,
      provenance: z.union([digest, z.lazy(() => schema)]).exactOptional(),
    }),
  ),
});

/** The provenance that a text stands for; undefined unless it is the very text that would be written for it. */
function parseProvenance(text: string): Provenance | undefined {
  const parsed = parseJson(text);
  if ("fault" in parsed) return undefined;
  const { data } = schema.safeParse(plainJson(parsed.value));
  return data !== undefined && provenanceText(data) === text ? data : undefined;
}

function generationsOf({ inputs }: Provenance): number {
  const parents = inputs.map(({ provenance }) =>
    typeof provenance === "object" ? generationsOf(provenance) : 0,
  );
  return 1 + Math.max(0, ...parents);
}
