import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { makeProvenance } from "../../src/documents/make-provenance.ts";
import { modelName } from "../../src/documents/model-name.ts";
import { type Provenance, provenanceText } from "../../src/documents/provenance.ts";
import { type Parent, readParent } from "../../src/documents/read-provenance.ts";
import { version } from "../../src/version.ts";
import { described, hash, recipe } from "./described.ts";

const two = [described("org/a", { weight: 0.7 }), described("b", { weight: 0.3 })];

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** A merge of a merge of a merge and so on. */
async function generation(count: number): Promise<Parent> {
  const parent = count === 1 ? {} : { parent: await generation(count - 1) };
  return readParent(provenanceText(makeProvenance(recipe, [described("a", parent)])));
}

describe("the provenance of a merge", () => {
  test("is this, in this order", () => {
    const made = makeProvenance(
      {
        ...recipe,
        base: { path: "/secret/base" },
        combination: {
          sparsify: { method: "trim", parameters: { reserve: 0.2, rescale: false } },
          merge: { method: "ties", parameters: { weight: [0.7, 0.3], elect: "sum", normalize: true } },
        },
        dtype: "BF16",
        prefix: "master_weights",
      },
      [
        described("org/base", { role: "base" }),
        two[0]!,
        described("b", {
          weight: 0.3,
          adapter: {
            name: { text: "lora", isHubId: false },
            files: [{ name: "adapter_config.json", header: hash }],
          },
        }),
      ],
    );
    const files = `"files":[{"name":"model.safetensors","header":"${hash}"}]`;
    expect(provenanceText(made)).toBe(
      `{"tool":"tensorweld","version":"${version}",` +
        '"sparsify":{"method":"trim","parameters":{"reserve":0.2,"rescale":false}},' +
        '"merge":{"method":"ties","parameters":{"elect":"sum","normalize":true}},' +
        '"seed":42,"dtype":"BF16","prefix":"master_weights","inputs":[' +
        `{"name":"org/base","role":"base",${files}},` +
        `{"name":"org/a","role":"model","weight":0.7,${files}},` +
        '{"name":"b","role":"model","weight":0.3,' +
        `"adapter":{"name":"lora","files":[{"name":"adapter_config.json","header":"${hash}"}]},${files}}]}`,
    );
  });

  test("of an adapter and its base has nothing that put models together", () => {
    const adapter = { name: { text: "lora", isHubId: false }, files: [] };
    const alone = { ...recipe, models: [{ path: "/secret/a", adapter: "/secret/lora" }] };
    expect(makeProvenance(alone, [described("a", { adapter })])).not.toHaveProperty("merge");
  });

  test("holds that of inputs that are merges themselves", async () => {
    const first = makeProvenance(recipe, two);
    const parent = await readParent(provenanceText(first));
    expect(makeProvenance(recipe, [described("c", { parent }), described("d")]).inputs).toMatchObject([
      { name: "c", provenance: first },
      { name: "d" },
    ]);
  });

  test("holds their hashes where it would grow too long to be read again", async () => {
    const files = Array.from({ length: 300 }, (_, index) => ({ name: `${index}.safetensors`, header: hash }));
    const text = provenanceText(makeProvenance(recipe, [described("a", { files })]));
    const parent = await readParent(text);
    expect(parent.provenance).toBeDefined();
    const one = makeProvenance(recipe, [described("b", { parent })]);
    expect(one.inputs[0]!.provenance).toEqual(parent.provenance);
    const three = ["b", "c", "d"].map((name) => described(name, { parent }));
    expect(makeProvenance(recipe, three).inputs.map(({ provenance }) => provenance)).toEqual(
      Array.from({ length: 3 }, () => digestOf(text)),
    );
  });
});

describe("the provenance that an input brings", () => {
  const good = makeProvenance(recipe, two);

  test("is read again as it was, whatever the models are called", async () => {
    const names = fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(names, fc.double({ noNaN: true, noDefaultInfinity: true }), async (path, number) => {
        const name = modelName({ path, isFile: true });
        // What is recorded has no negative zero; the flags see to that.
        const weight = number === 0 ? 0 : number;
        const made = makeProvenance(recipe, [described("a"), described("b", { name, weight })]);
        const text = provenanceText(made);
        expect(await readParent(text)).toEqual({ digest: digestOf(text), provenance: made });
      }),
    );
  });

  const edited = (edit: object): string => JSON.stringify({ ...good, ...edit });
  const editedInput = (edit: object): string => edited({ inputs: [{ ...good.inputs[0], ...edit }] });
  test.each([
    ["no JSON", "tensorweld"],
    ["cut short", provenanceText(good).slice(0, -1)],
    ["not an object", "[1]"],
    ["of another tool", edited({ tool: "other" })],
    ["without a seed", edited({ seed: undefined })],
    ["with a key of its own", edited({ note: "x" })],
    ["with keys in another order", JSON.stringify(Object.fromEntries(Object.entries(good).toReversed()))],
    ["with blanks", JSON.stringify(good, null, 1)],
    ["with a key twice", provenanceText(good).replace("{", '{"tool":"tensorweld",')],
    ["with a number in another spelling", provenanceText(good).replace('"seed":42', '"seed":42.0')],
    ["with a prototype", provenanceText(good).replace('"normalize"', '"__proto__"')],
    ["with text where a parameter is", provenanceText(good).replace("false", '"a b"')],
    ["of an unknown dtype", edited({ prefix: undefined, dtype: "F99", inputs: [] })],
    ["with a negative seed", edited({ seed: -1 })],
    ["with a control character in a name", editedInput({ name: "a\u001b[2J" })],
    ["with text of the other direction in a name", editedInput({ name: "a\u202eb" })],
    ["with an endless name", editedInput({ name: "a".repeat(201) })],
    ["without a name", editedInput({ name: "" })],
    ["with a line feed in a file's name", editedInput({ files: [{ name: "a\nb", header: hash }] })],
    ["with a short hash", editedInput({ files: [{ name: "a", header: hash.slice(1) }] })],
    ["with a parent that is no hash", editedInput({ provenance: "sha256:" })],
    ["with a parent that is broken", editedInput({ provenance: { ...good, tool: 1 } })],
    ["nested without end", '{"inputs":'.repeat(6000)],
    ["too long", edited({ inputs: Array.from({ length: 1000 }, () => good.inputs[0]) })],
  ])("is only its hash when it is %s", async (_, text) => {
    expect(await readParent(text)).toEqual({ digest: digestOf(text) });
  });

  test("is read to eight generations, the next one's included", async () => {
    const seventh = await generation(7);
    expect(seventh.provenance).toBeDefined();
    expect(await generation(8)).toEqual({ digest: expect.any(String) as string });
    const ninth = makeProvenance(recipe, [described("a", { parent: await generation(8) })]);
    expect(ninth.inputs[0]!.provenance).toBe((await generation(8)).digest);
    expect(nestedIn(makeProvenance(recipe, [described("a", { parent: seventh })]))).toBe(8);
  });
});

function nestedIn({ inputs }: Provenance): number {
  const parent = inputs[0]!.provenance;
  return typeof parent === "object" ? 1 + nestedIn(parent) : 1;
}
