import * as z from "zod";
import { sha256Hex } from "../sha256.ts";
import { shorten } from "../formats/describe-json.ts";
import { parseJson } from "../formats/json.ts";
import { plainJson } from "../formats/plain-json.ts";

/** Name of the file in an output that says what its bytes are. */
export const MANIFEST_NAME = "merge_manifest.json";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

/** The version of what manifests say. */
const VERSION = 1;

const manifestSchema = z.strictObject({
  version: z.literal(VERSION),
  plan: hash,
  devices: z.array(z.string()).exactOptional(),
  files: table(z.strictObject({ bytes: count, hash })),
  shards: table(z.strictObject({ bytes: count, header: hash })),
  tensors: table(z.strictObject({ hash, nonFinite: count.optional() })),
});

/**
 * What an output was when it was written: hashes that find accidents, not forgers. Those of files, headers and tensors
 * are made of XXH64 hashes of their blocks; see `tensorHash`.
 */
export type Manifest = z.infer<typeof manifestSchema>;

/** A manifest's text: its last line holds the hash of all before, so that it too can be seen to be whole. */
export async function manifestText(manifest: Manifest): Promise<string> {
  const body = JSON.stringify(manifest, null, 1);
  return `${body.slice(0, -2)},\n "seal": "${await sealOf(body)}"\n}\n`;
}

/** The manifest in a text, or what is wrong with it. */
export async function parseManifest(text: string): Promise<Manifest | { readonly fault: string }> {
  const parsed = parseJson(text);
  if ("fault" in parsed) return { fault: `is not valid JSON: ${parsed.fault.message}` };
  const { seal = null, ...body } = z.looseObject({}).catch({}).parse(plainJson(parsed.value));
  const version = z.number().catch(VERSION).parse(body["version"]);
  if (version !== VERSION) {
    return { fault: `is of the version ${version}, and this program knows version ${VERSION} only` };
  }
  const manifest = manifestSchema.safeParse(body);
  if (!manifest.success) return { fault: "is not what a merge writes" };
  if (text === (await manifestText(manifest.data))) return manifest.data;
  return { fault: `was changed: it is not the text that its seal is for, ${shorten(JSON.stringify(seal))}` };
}

async function sealOf(body: string): Promise<string> {
  return sha256Hex(new TextEncoder().encode(body));
}

/** Rows by name. Made here because zod's own records lose the name `__proto__`, which a tensor may have. */
function table<Row>(row: z.ZodType<Row>): z.ZodType<Readonly<Record<string, Row>>> {
  const rows = z.looseObject({});
  return z.custom<Readonly<Record<string, Row>>>(
    (value) =>
      rows.safeParse(value).success &&
      Object.values(value as object).every((one) => row.safeParse(one).success),
  );
}
