import { describe, expect, test } from "vitest";

import { type Manifest, manifestText, parseManifest } from "../../src/manifest/manifest.ts";
import { flipped } from "./written-output.ts";

const hash = "0123456789abcdef".repeat(4);

const manifest: Manifest = {
  version: 1,
  plan: hash,
  files: { "config.json": { bytes: 7, hash } },
  shards: { "model.safetensors": { bytes: 100, header: hash } },
  tensors: { b: { hash, nonFinite: 0 }, "10": { hash }, a: { hash } },
};

/** The text of something that no merge writes, sealed. */
const sealed = (manifest: object): Promise<string> => manifestText(manifest as Manifest);

test("a manifest is read as it was written", async () => {
  expect(await parseManifest(await manifestText(manifest))).toEqual(manifest);
});

test.each(["__proto__", "constructor", "toString", "", "\u0000", '"', "\u{1f600}", "10", "-0"])(
  "a tensor may be called %j",
  async (name) => {
    const strange = { ...manifest, tensors: Object.fromEntries([[name, { hash }]]) };
    const read = (await parseManifest(await manifestText(strange))) as Manifest;
    expect(Object.entries(read.tensors)).toEqual([[name, { hash }]]);
  },
);

test("a bit that turned is found in every byte of its text", async () => {
  const bytes = new TextEncoder().encode(await manifestText(manifest));
  for (let position = 0; position < bytes.length; position++) {
    const changed = new TextDecoder().decode(flipped(bytes, position));
    expect(await parseManifest(changed), `byte ${position}`).toHaveProperty("fault");
  }
});

describe("what is no manifest", () => {
  test.each([
    ["", "is not valid JSON"],
    ["{", "is not valid JSON"],
    ["[]", "is not what a merge writes"],
    ["{}", "is not what a merge writes"],
    ['{ "version": 2 }', "is of the version 2, and this program knows version 1 only"],
  ])("%j", async (text, message) => {
    expect(await parseManifest(text)).toMatchObject({ fault: expect.stringContaining(message) as string });
  });

  test.each([
    ["a number for a table", { ...manifest, files: 5 }],
    ["a list for a table", { ...manifest, files: [{ bytes: 7, hash }] }],
    ["a negative length", { ...manifest, files: { x: { bytes: -1, hash } } }],
    ["a hash that is none", { ...manifest, tensors: { x: { hash: "0" } } }],
    ["a row of another kind", { ...manifest, tensors: Object.fromEntries([["__proto__", 5]]) }],
    ["a key too many", { ...manifest, more: 1 }],
  ])("sealed, with %s", async (_, strange) => {
    expect(await parseManifest(await sealed(strange))).toEqual({ fault: "is not what a merge writes" });
  });

  test.each([
    ["a line's end more", (text: string) => `${text}\n`],
    ["no blanks", (text: string) => JSON.stringify(JSON.parse(text))],
    ["a name twice", (text: string) => text.replace("{", '{ "version": 1,')],
    ["no seal", (text: string) => text.replace(/,\n "seal": ".*"/, "")],
  ])("with %s", async (_, change) => {
    const { fault } = (await parseManifest(change(await manifestText(manifest)))) as { fault: string };
    expect(fault).toMatch(/^was changed: it is not the text that its seal is for, ("[0-9a-f]{64}"|null)$/);
  });

  test("an edit under the old seal", async () => {
    const text = await manifestText(manifest);
    expect(await parseManifest(text.replace('"bytes": 7', '"bytes": 8'))).toHaveProperty("fault");
  });
});
