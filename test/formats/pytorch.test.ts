import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/errors.ts";
import type { Checkpoint } from "../../src/formats/checkpoint.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { openTorch } from "../support/open-torch.ts";
import * as write from "../support/pickle-writer.ts";
import { refusal } from "../support/refusal.ts";
import * as torch from "../support/torch-writer.ts";

describe("what was saved", () => {
  const w = { w: torch.tensor() };

  test("may be an OrderedDict with attributes", async () => {
    const metadata = torch.named({ _metadata: torch.emptyOrderedDict });
    const dict = write.build(`${torch.emptyOrderedDict}(${write.text("w")}${torch.tensor()}u`, metadata);
    expect((await openTorch(torch.torchFile(torch.pickle(dict)))).tensors.size).toBe(1);
  });

  test.each(["state_dict", "model_state_dict", "model", "module"])(
    "may hold the model as %s",
    async (key) => {
      const values = {
        epoch: write.int(3),
        [key]: torch.named(w),
        optimizer: torch.named({ step: write.int(1) }),
      };
      const { tensors, notices } = await openTorch(torch.torchFile(torch.stateDict(values)));
      expect([...tensors.keys()]).toEqual(["w"]);
      expect(notices).toEqual([`/m/x.pt: read from "${key}"; left out beside it: "epoch", "optimizer"`]);
    },
  );

  test("is read from the most usual of several keys, and from none when it has tensors itself", async () => {
    const several = { module: torch.named({ a: torch.tensor() }), state_dict: torch.named(w) };
    expect([...(await openTorch(torch.torchFile(torch.stateDict(several)))).tensors.keys()]).toEqual(["w"]);
    const both = { model: torch.named(w), b: torch.tensor() };
    expect([...(await openTorch(torch.torchFile(torch.stateDict(both)))).tensors.keys()]).toEqual(["b"]);
  });

  test("may hold other values, which are left out with a notice", async () => {
    const others = { a: write.none, b: write.float(1), c: write.list(torch.tensor()), d: torch.numbers(1) };
    const { tensors, notices } = await openTorch(torch.torchFile(torch.stateDict({ ...others, ...w })));
    expect([...tensors.keys()]).toEqual(["w"]);
    expect(notices).toEqual(['/m/x.pt: left out, being no tensors: "a", "b", "c" and 1 more']);
  });
});

describe("a model folder", () => {
  const file = torch.torchFile(torch.stateDict({ w: torch.tensor() }));

  test.each(["pytorch_model.bin", "consolidated.00.pth", "consolidated.pth"])("may hold %s", async (name) => {
    const { files } = await openFolder({ [name]: file, "training_args.bin": file });
    expect(files.map(({ path }) => path)).toEqual([`/m/${name}`]);
  });

  test("may hold shards with an index", async () => {
    const name = "pytorch_model-00001-of-00001.bin";
    const index = new TextEncoder().encode(JSON.stringify({ weight_map: { w: name } }));
    const { files } = await openFolder({ [name]: file, "pytorch_model.bin.index.json": index });
    expect(files.map(({ path }) => path)).toEqual([`/m/${name}`]);
  });

  test("is refused when its file is a part of each tensor, however it is named", async () => {
    const parts = { "consolidated.00.pth": file, "consolidated.01.pth": file };
    for (const path of ["/m", "/m/consolidated.00.pth", "/m/consolidated.01.pth"]) {
      const problem = await problemOf(openFolder(parts, path));
      expect(problem.code).toBe("pytorch/container");
      expect(problem.message).toContain("one of 2 parts, each with a slice of every tensor");
    }
  });

  test("with one other file says to name it", async () => {
    const names = ["epoch_3.pt", "training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth"];
    const problem = await problemOf(openFolder(Object.fromEntries(names.map((name) => [name, file]))));
    expect(problem.hint).toBe("to read epoch_3.pt, give the path of that file instead of the folder's");
  });
});

describe("what is no file of PyTorch is told apart:", () => {
  test.each([
    ["a Git LFS pointer", "version https://git-lfs.example/spec/v1\n", "git lfs pull"],
    ["a page", "<!DOCTYPE html>", "web page"],
    ["GGUF", "GGUF\x03\0\0\0", "GGUF"],
    ["safetensors", '\x02\0\0\0\0\0\0\0{"a":{}}', ".safetensors"],
    ["the older format", "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02", "before 1.6"],
    ["a pickle", torch.stateDict({}), ".pdparams"],
    ["tar", "storages".padEnd(257, "\0") + "ustar", "tar archive"],
    ["nothing", "", "damaged"],
  ])("%s", async (_, content, hint) => {
    const problem = await problemOf(openTorch(write.fileOf(content)));
    expect(problem.code).toBe("pytorch/container");
    expect(problem.hint).toContain(hint);
  });
});

async function openFolder(files: Readonly<Record<string, Uint8Array>>, path = "/m"): Promise<Checkpoint> {
  const storage = memoryStorage(new Map(Object.entries(files).map(([name, file]) => [`/m/${name}`, file])));
  return openCheckpoint(storage, path, "model");
}

async function problemOf(opening: Promise<unknown>): Promise<Problem> {
  const { problems } = await refusal(opening);
  expect(problems).toHaveLength(1);
  return problems[0]!;
}
