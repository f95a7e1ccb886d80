import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { merge, plan } from "tensorweld";
import { findInHubCache, hubCacheFolder } from "../../src/io/hub-cache.ts";
import { findOnThisMachine } from "../../src/io/node-hub-cache.ts";
import { nodeStorage } from "../../src/io/node.ts";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

/** A cache with org/model, whose files are links to blobs, and whose branch main and tag v1/x are one commit. */
function cacheWithModel(): {
  readonly cache: string;
  readonly snapshot: string;
  readonly repository: string;
} {
  const cache = join(fs.realpathSync.native(temporaryFolder()), "hub");
  const repository = join(cache, "models--org--model");
  const snapshot = join(repository, "snapshots", commit);
  writeCheckpoint(snapshot, { w: { dtype: "F32", shape: [2], values: [1, 2] } });
  fs.writeFileSync(join(snapshot, "config.json"), '{"model_type": "llama"}');
  fs.mkdirSync(join(repository, "blobs"));
  for (const name of fs.readdirSync(snapshot)) {
    fs.renameSync(join(snapshot, name), join(repository, "blobs", `blob-of-${name}`));
    fs.symlinkSync(`../../blobs/blob-of-${name}`, join(snapshot, name));
  }
  fs.mkdirSync(join(repository, "refs", "v1"), { recursive: true });
  fs.writeFileSync(join(repository, "refs", "main"), commit);
  fs.writeFileSync(join(repository, "refs", "v1", "x"), `${commit}\n`);
  return { cache, snapshot, repository };
}

describe("the cache's folder", () => {
  test.each([
    [{}, "/home/me/.cache/huggingface/hub"],
    [{ XDG_CACHE_HOME: "/caches" }, "/caches/huggingface/hub"],
    [{ HF_HOME: "/hf", XDG_CACHE_HOME: "/caches" }, "/hf/hub"],
    [{ HF_HOME: "~/hf" }, "/home/me/hf/hub"],
    [{ HUGGINGFACE_HUB_CACHE: "/old", HF_HOME: "/hf" }, "/old"],
    [{ HF_HUB_CACHE: "/new", HUGGINGFACE_HUB_CACHE: "/old", HF_HOME: "/hf" }, "/new"],
    [{ HF_HUB_CACHE: "", HF_HOME: "" }, "/home/me/.cache/huggingface/hub"],
  ])("with %j", (environment, folder) => {
    const join = (...parts: readonly string[]): string => parts.join("/");
    expect(hubCacheFolder(environment, "/home/me", { join })).toBe(folder);
  });
});

describe.skipIf(process.platform === "win32")("a model in the cache", () => {
  test.each([undefined, "main", "v1/x", commit])("is found by its revision %s", async (revision) => {
    const { cache, snapshot } = cacheWithModel();
    expect(await findInHubCache(nodeStorage, cache, "org/model", revision)).toEqual({
      folder: snapshot,
      searched: snapshot,
    });
  });

  test("is found in the cache that this process' environment names", async () => {
    const { cache, snapshot } = cacheWithModel();
    vi.stubEnv("HF_HUB_CACHE", cache);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await findOnThisMachine("org/model")).toMatchObject({ folder: snapshot });
  });

  test("that is not there is told by the path that was looked at", async () => {
    const { cache, repository } = cacheWithModel();
    const other = "f".repeat(40);
    const find = findInHubCache.bind(undefined, nodeStorage, cache);
    expect(await find("gpt2")).toEqual({ searched: join(cache, "models--gpt2", "refs", "main") });
    expect(await find("org/model", "v2")).toEqual({ searched: join(repository, "refs", "v2") });
    expect(await find("org/model", other)).toEqual({ searched: join(repository, "snapshots", other) });
    fs.writeFileSync(join(repository, "refs", "main"), other);
    expect(await find("org/model")).toEqual({ searched: join(repository, "snapshots", other) });
  });

  test.each(["../../../etc", `../../snapshots/${commit}`, "not a commit", ""])(
    "whose branch says %j leads nowhere",
    async (text) => {
      const { cache, repository } = cacheWithModel();
      fs.writeFileSync(join(repository, "refs", "main"), text);
      expect(await findInHubCache(nodeStorage, cache, "org/model")).not.toHaveProperty("folder");
    },
  );

  test.each(["..", "../main", "v1/../main", "/etc/passwd", "v1", ".", "a b"])(
    "has no revision %j",
    async (revision) => {
      const { cache } = cacheWithModel();
      expect(await findInHubCache(nodeStorage, cache, "org/model", revision)).not.toHaveProperty("folder");
    },
  );

  test("is merged, and its files are copied, links as they are; a link out of its repository is not", async () => {
    const { cache, repository, snapshot } = cacheWithModel();
    const secret = join(cache, "token");
    fs.writeFileSync(secret, '{"secret": 1}');
    fs.mkdirSync(join(cache, "models--org--other", "blobs"), { recursive: true });
    fs.writeFileSync(join(cache, "models--org--other", "blobs", "x"), '{"secret": 2}');
    fs.symlinkSync("../../../token", join(snapshot, "tokenizer.json"));
    fs.symlinkSync("../../../models--org--other/blobs/x", join(snapshot, "generation_config.json"));
    const { folder } = await findInHubCache(nodeStorage, cache, "org/model");
    const output = join(cache, "out");
    const config = { model_path_list: [folder!, folder!], output_path: output };
    const { warnings } = await plan(config);
    const links = warnings.filter(({ code }) => code === "check/link");
    expect(links.map(({ file }) => file)).toEqual(
      ["generation_config.json", "tokenizer.json"].map((name) => join(snapshot, name)),
    );
    await merge(config);
    expect(fs.readFileSync(join(output, "config.json"), "utf8")).toContain("llama");
    expect(fs.readdirSync(output)).not.toContain("tokenizer.json");
    expect(fs.readdirSync(output)).not.toContain("generation_config.json");
    expect(fs.readdirSync(join(repository, "blobs"))).toHaveLength(2);
  });
});
