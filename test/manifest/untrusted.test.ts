import { describe, expect, test } from "vitest";

import { type Manifest, MANIFEST_NAME, manifestText } from "../../src/manifest/manifest.ts";
import { verifyOutput } from "../../src/manifest/verify.ts";
import {
  damage,
  encoded,
  type Files,
  placesOf,
  shardNames,
  storageOf,
  twoShardOutput,
  verified,
  withChanges,
} from "./written-output.ts";

const [first] = shardNames;

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The manifest of an output, changed by someone who can seal it. */
async function resealed(files: Files, change: (manifest: Manifest) => object): Promise<Uint8Array> {
  const { seal: _, ...manifest } = JSON.parse(text(files.get(MANIFEST_NAME)!)) as Manifest & { seal: string };
  return encoded(await manifestText(change(manifest) as Manifest));
}

describe("what was not written", () => {
  test("another file is no damage", async () => {
    const files = await twoShardOutput();
    const { problems, notices } = await verified(
      withChanges(files, { ".gitattributes": encoded(""), "notes.txt": encoded("mine") }),
    );
    expect(problems).toEqual([]);
    expect(notices).toEqual([
      'The merge did not write, and so nothing is known about: ".gitattributes", "notes.txt"',
    ]);
  });

  test.each([
    "model.safetensors",
    "model-00003-of-00003.safetensors",
    "pytorch_model.bin",
    "adapter_model.safetensors",
  ])("%s, which a program may load, is", async (name) => {
    const files = await twoShardOutput();
    expect(await damage(files, { [name]: files.get(first) })).toEqual([`verify/unknown ${name}`]);
  });
});

describe("a manifest", () => {
  test("that is missing is missed where Tensorweld wrote the weights", async () => {
    const { problems, hasManifest, notices } = await verified(
      withChanges(await twoShardOutput(), { [MANIFEST_NAME]: undefined }),
    );
    expect(placesOf(problems)).toEqual([`verify/missing ${MANIFEST_NAME}`]);
    expect(hasManifest).toBe(false);
    expect(notices).toMatchObject([expect.stringContaining("compared with nothing")]);
  });

  test("that was edited is not believed", async () => {
    const files = await twoShardOutput();
    const edited = text(files.get(MANIFEST_NAME)!).replace(/"nonFinite": 0/, '"nonFinite": 1');
    const found = await verified(withChanges(files, { [MANIFEST_NAME]: encoded(edited) }));
    expect(placesOf(found.problems)).toEqual([`verify/manifest ${MANIFEST_NAME}`]);
    expect(found.problems[0]!.message).toMatch(/^was changed/);
    expect(found).toMatchObject({ hasManifest: false, tensors: 3 });
  });

  test.each([
    ["is of the version 2", encoded('{ "version": 2 }')],
    ["is not valid JSON", encoded("")],
    ["is not valid UTF-8", Uint8Array.of(0xff)],
  ])("that %s is not used", async (message, bytes) => {
    const { problems } = await verified(withChanges(await twoShardOutput(), { [MANIFEST_NAME]: bytes }));
    expect(placesOf(problems)).toEqual([`verify/manifest ${MANIFEST_NAME}`]);
    expect(problems[0]!.message).toContain(message);
  });

  test("and shards that do not know the same tensors", async () => {
    const files = await twoShardOutput();
    const manifest = await resealed(files, ({ tensors, ...rest }) => {
      const { ids, ...others } = tensors;
      return { ...rest, tensors: { ...others, other: ids } };
    });
    expect(await damage(files, { [MANIFEST_NAME]: manifest })).toEqual([
      `verify/unknown ${first} ids`,
      `verify/missing ${MANIFEST_NAME} other`,
    ]);
  });

  test("that counts otherwise than its own hashes", async () => {
    const files = await twoShardOutput();
    const manifest = await resealed(files, ({ tensors, ...rest }) => ({
      ...rest,
      tensors: { ...tensors, "w.f32": { ...tensors["w.f32"], nonFinite: 5 } },
    }));
    const { problems, nonFinite } = await verified(withChanges(files, { [MANIFEST_NAME]: manifest }));
    expect(placesOf(problems)).toEqual([`verify/non-finite ${first} w.f32`]);
    expect(nonFinite).toEqual([{ tensor: "w.f32", found: 0, recorded: 5 }]);
  });

  test("makes nobody open a file outside its folder", async () => {
    const files = await twoShardOutput();
    const zeros = "0".repeat(64);
    const manifest = await resealed(files, (known) => ({
      ...known,
      files: {
        ...known.files,
        "../secret": { bytes: 6, hash: zeros },
        "/secret": { bytes: 6, hash: zeros },
      },
      shards: { ...known.shards, "../secret.safetensors": { bytes: 6, header: zeros } },
    }));
    const storage = storageOf(withChanges(files, { [MANIFEST_NAME]: manifest }));
    const opened: string[] = [];
    const watched = {
      ...storage,
      open(path: string) {
        opened.push(path);
        return storage.open(path);
      },
    };
    const { problems } = await verifyOutput(watched, "/out");
    expect(problems.map(({ code }) => code)).toEqual(Array(3).fill("verify/missing"));
    expect(opened.filter((path) => path.includes("secret"))).toEqual([]);
  });
});
