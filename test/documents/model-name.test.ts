import * as fc from "fast-check";
import { expect, test } from "vitest";

import { modelName, type ModelPlace } from "../../src/documents/model-name.ts";
import { shownText } from "../../src/documents/shown-text.ts";

const hash = "0123456789abcdef0123456789abcdef01234567";

function named(path: string, more: Partial<ModelPlace> = {}): string {
  const { text, isHubId } = modelName({ path: path.split("/").slice(1), isFile: false, ...more });
  return isHubId ? `hub ${text}` : text;
}

test.each([
  [
    `/home/me/.cache/huggingface/hub/models--meta-llama--Llama-3.1-8B/snapshots/${hash}`,
    "hub meta-llama/Llama-3.1-8B",
  ],
  [`/hub/models--gpt2/snapshots/${hash}`, "hub gpt2"],
  [`/hub/models--org--name/snapshots/${hash}/subfolder`, "hub org/name"],
  ["/hub/models--org--name/snapshots/main", "main"],
  ["/hub/models--org--name", "models--org--name"],
  [`/hub/datasets--org--name/snapshots/${hash}`, hash],
  [`/hub/models--a--b--c/snapshots/${hash}`, hash],
  [`/hub/models--org--na me/snapshots/${hash}`, hash],
  [`/hub/models--org--"\nlicense: mit/snapshots/${hash}`, hash],
  [`/hub/models--org--..\u002f/snapshots/${hash}`, hash],
  [`/hub/models--org--${"n".repeat(97)}/snapshots/${hash}`, hash],
  ["/models/Mistral-7B", "Mistral-7B"],
  ["/models/été", "été"],
  ["/", "unnamed"],
  ["/models/a\u001b[2J\nb\u202ec", "a\\u001b[2J\\u000ab\\u202ec"],
  ["/models/\u{e0041}\ud800x", "\\udb40\\udc41\\ud800x"],
])("%j is called %j", (path, name) => {
  expect(named(path)).toBe(name);
});

test.each([
  ["/models/Llama-2-7b-hf", "meta-llama/Llama-2-7b-hf", "hub meta-llama/Llama-2-7b-hf"],
  ["/models/llama-2-7b-HF", "meta-llama/Llama-2-7b-hf", "hub meta-llama/Llama-2-7b-hf"],
  // What a model was trained from is not the model.
  ["/models/OpenHermes", "mistralai/Mistral-7B-v0.1", "OpenHermes"],
  ["/home/me/models/llama", "models/llama", "llama"],
  ["/a/checkpoint-100", "output/checkpoint-100", "checkpoint-100"],
  ["/a/llama", "/a/llama", "llama"],
  ["/a/llama", "./a/llama", "llama"],
  ["/a/llama", "../llama", "llama"],
  ["/a/llama", "a/b/llama", "llama"],
  ["/a/llama", "llama", "llama"],
  ["/a/llama", "C:\\a\\llama", "llama"],
  ["/a/llama", "org\n/llama", "llama"],
  ["/a/llama", "-org/llama", "llama"],
  ["/a/llama", "o--rg/llama", "llama"],
  ["/a/llama", "org/llama/", "llama"],
  ["/a/llama.git", "org/llama.git", "llama.git"],
  ["/a/llama", "", "llama"],
  ["/a/llama", 3, "llama"],
  ["/a/llama", null, "llama"],
])("%j with _name_or_path %j is called %j", (path, configured, name) => {
  expect(named(path, { configured })).toBe(name);
});

test("the cache is believed before the configuration", () => {
  expect(named(`/models--org--name/snapshots/${hash}`, { configured: `other/${hash}` })).toBe("hub org/name");
});

test.each([
  [`/models--org--name/snapshots/${hash}/model.safetensors`, "hub org/name"],
  ["/a/model.safetensors", "a/model.safetensors"],
  ["/model.safetensors", "model.safetensors"],
])("the lone file %j is called %j", (path, name) => {
  expect(named(path, { isFile: true })).toBe(name);
});

test("the folder of a lone file may be one that its configuration names", () => {
  const place = { isFile: true, configured: "org/llama" };
  expect(named("/a/llama/model.safetensors", place)).toBe("hub org/llama");
});

test("whatever a folder is called, its name is one line of 200 characters at most, and is shown as it is", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 300 })), fc.boolean(), (path, isFile) => {
      const { text } = modelName({ path, isFile });
      expect(Array.from(text).length).toBeGreaterThan(0);
      expect(Array.from(text).length).toBeLessThanOrEqual(200);
      expect(text).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202e]/u);
      expect(shownText(text)).toBe(text);
    }),
  );
});
