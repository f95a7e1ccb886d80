import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { check, type Config, inspect, merge, plan, TensorweldError } from "tensorweld";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";

/** Links take a right that most users of Windows lack. */
const withLinks = describe.skipIf(process.platform === "win32");

const hash = "0123456789abcdef0123456789abcdef01234567";

interface Setting {
  readonly folder: string;
  /** Of the leading model. */
  readonly model: string;
  /** A file that is nobody's business. */
  readonly secret: string;
  readonly config: Config;
}

/** Two models; the first lies in `place` below the test's folder. */
function setting(place = "model"): Setting {
  const folder = fs.realpathSync.native(temporaryFolder());
  const model = join(folder, place);
  const secret = join(folder, "secret.json");
  fs.writeFileSync(secret, '{"password": "hunter2", "_name_or_path": "org/model"}');
  for (const path of [model, join(folder, "other")])
    writeCheckpoint(path, { w: { dtype: "F32", shape: [2], values: [1, 2] } });
  const config = { model_path_list: [model, join(folder, "other")], output_path: join(folder, "out") };
  return { folder, model, secret, config };
}

async function problemsOf(action: Promise<unknown>): Promise<TensorweldError["problems"]> {
  const error: unknown = await action.then(
    () => expect.fail("it should have been refused"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TensorweldError);
  expect((error as TensorweldError).outcome).toBe("refused");
  return (error as TensorweldError).problems;
}

/** All bytes of all files below a folder, as text. */
function contentsOf(folder: string): string {
  const files = fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.map((file) => `${file}\n${fs.readFileSync(join(folder, file), "latin1")}`).join("\n");
}

withLinks("a link out of the leading model's folder", () => {
  test("is not copied, which is told, and nothing it leads to gets into the output", async () => {
    const { model, secret, config } = setting();
    fs.symlinkSync(secret, join(model, "config.json"));
    fs.symlinkSync("../secret.json", join(model, "tokenizer_config.json"));
    fs.writeFileSync(join(model, "vocab.json"), "{}");
    const { warnings, companions } = await plan(config);
    expect(companions.map(({ name }) => name)).toEqual(["vocab.json"]);
    expect(warnings).toEqual([
      {
        code: "check/link",
        file: join(model, "config.json"),
        message: `leads out of the model's folder, to ${secret}; it is not copied`,
      },
      {
        code: "check/link",
        file: join(model, "tokenizer_config.json"),
        message: `leads out of the model's folder, to ${secret}; it is not copied`,
        hint: expect.stringContaining("--copy_file_list"),
      },
    ]);
    await merge(config);
    const output = contentsOf(config.output_path!);
    expect(output).toContain("vocab.json");
    expect(output).not.toMatch(/hunter2|password/);
    // Its name would have come from the linked file, too.
    expect(output).not.toContain("org/model");
  });

  test("is refused with --strict, and where --copy_file_list names it", async () => {
    const { model, secret, config } = setting();
    fs.symlinkSync(secret, join(model, "config.json"));
    expect(await problemsOf(plan({ ...config, strict: true }))).toMatchObject([{ code: "check/link" }]);
    const listed = { ...config, copy_file_list: ["config.json"] };
    const message = `"config.json" in ${model} leads out of that folder, to ${secret}`;
    expect(await problemsOf(plan(listed))).toMatchObject([
      { code: "check/link", key: "copy_file_list", message },
    ]);
  });

  test("states no licence, neither a model's nor an adapter's", async () => {
    const { folder, model, config } = setting();
    const card = "---\nlicense: mit\n---\n";
    fs.writeFileSync(join(folder, "card.md"), card);
    fs.writeFileSync(join(folder, "other", "README.md"), card);
    fs.symlinkSync("../card.md", join(model, "README.md"));
    const texts = (await plan(config)).documents.map(({ text }) => text).join("\n");
    expect(texts).not.toContain("license");
    fs.rmSync(join(model, "README.md"));
    fs.writeFileSync(join(model, "README.md"), card);
    const honest = (await plan(config)).documents.map(({ text }) => text).join("\n");
    expect(honest).toContain('license: "mit"');
  });

  test("is none in the hub's cache, where files are links to blobs", async () => {
    const { model, config } = setting(`models--org--name/snapshots/${hash}`);
    const blobs = join(model, "..", "..", "blobs");
    fs.mkdirSync(blobs);
    fs.writeFileSync(join(blobs, "8f3a"), '{"model_type": "llama"}');
    fs.renameSync(join(model, "model.safetensors"), join(blobs, "17cc"));
    fs.symlinkSync("../../blobs/17cc", join(model, "model.safetensors"));
    fs.symlinkSync("../../blobs/8f3a", join(model, "config.json"));
    const { warnings, companions } = await plan({ ...config, copy_file_list: ["config.json"] });
    expect([warnings, companions.map(({ name }) => name)]).toEqual([[], ["config.json"]]);
    await merge(config);
    expect(fs.lstatSync(join(config.output_path!, "config.json")).isFile()).toBe(true);
    expect(contentsOf(config.output_path!)).toContain('{"model_type": "llama"}');
  });

  test("that leads to a folder, a device or nothing stays behind unread", async () => {
    const { folder, model, config } = setting();
    fs.symlinkSync(folder, join(model, "config.json"));
    fs.symlinkSync("/dev/zero", join(model, "tokenizer.json"));
    fs.symlinkSync("nothing", join(model, "README.md"));
    const { companions, warnings } = await plan(config);
    expect([companions, warnings]).toEqual([[], []]);
  });
});

withLinks("weights", () => {
  test("may be links, to wherever they are kept", async () => {
    const { folder, model, config } = setting();
    fs.mkdirSync(join(folder, "disk-2"));
    fs.renameSync(join(model, "model.safetensors"), join(folder, "disk-2", "weights"));
    fs.symlinkSync("../disk-2/weights", join(model, "model.safetensors"));
    expect((await plan(config)).warnings).toEqual([]);
  });

  test.each([
    ["nothing", "checkpoint/not-found", "there is no such file"],
    [".", "checkpoint/not-found", "is a folder, where a regular file is needed"],
    ["/dev/zero", "checkpoint/not-found", "is a pipe or a device, where a regular file is needed"],
  ])("that are links to %s are refused", async (target, code, message) => {
    const { model } = setting();
    const file = join(model, "model.safetensors");
    fs.rmSync(file);
    fs.symlinkSync(target, file);
    expect(await problemsOf(inspect(model))).toMatchObject([{ code, file, message }]);
  });

  test.each([
    ["nothing", "index/missing-file"],
    [".", "checkpoint/not-found"],
    ["/dev/zero", "checkpoint/not-found"],
  ])("that an index names and that are links to %s are refused", async (target, code) => {
    const { model } = setting();
    fs.renameSync(join(model, "model.safetensors"), join(model, "other.safetensors"));
    fs.symlinkSync(target, join(model, "part.safetensors"));
    const index = { weight_map: { a: "part.safetensors" } };
    fs.writeFileSync(join(model, "model.safetensors.index.json"), JSON.stringify(index));
    expect(await problemsOf(inspect(model))).toMatchObject([{ code }]);
  });
});

withLinks("an output path", () => {
  test.each(["full", "empty", "model", "nothing"])("that is a link to %s is refused", async (target) => {
    const { folder, config } = setting();
    fs.mkdirSync(join(folder, "full"));
    fs.writeFileSync(join(folder, "full", "thesis.txt"), "years of work");
    fs.mkdirSync(join(folder, "empty"));
    fs.symlinkSync(target, join(folder, "out"));
    for (const overwrite of [false, true]) {
      const problems = await problemsOf(plan({ ...config, overwrite }));
      expect(problems[0]).toMatchObject({ code: "output/link", file: join(folder, "out") });
    }
    expect((await check(config)).errors[0]).toMatchObject({ code: "output/link" });
  });

  test("below a link is where that leads", async () => {
    const { folder, config } = setting();
    fs.mkdirSync(join(folder, "disk-2"));
    fs.symlinkSync("disk-2", join(folder, "alias"));
    await merge({ ...config, output_path: join(folder, "alias", "deep", "out") });
    expect(fs.readdirSync(join(folder, "disk-2", "deep"))).toEqual(["out"]);
    expect(fs.lstatSync(join(folder, "alias")).isSymbolicLink()).toBe(true);
  });

  test.each([
    ["model", "holds"],
    ["model/inside", "is inside"],
    ["disk-2/weights", "holds"],
  ])("that leads to an input by another name, %s, is refused", async (place, how) => {
    const { folder, model, config } = setting();
    fs.mkdirSync(join(folder, "disk-2", "weights"), { recursive: true });
    fs.renameSync(join(model, "model.safetensors"), join(folder, "disk-2", "weights", "model.safetensors"));
    fs.symlinkSync("../disk-2/weights/model.safetensors", join(model, "model.safetensors"));
    fs.symlinkSync(".", join(folder, "alias"));
    const output_path = join(folder, "alias", place);
    const problems = await problemsOf(plan({ ...config, output_path, overwrite: true }));
    expect(problems).toMatchObject([
      {
        code: "output/is-input",
        file: output_path,
        message: expect.stringContaining(`which ${how} the input`),
      },
    ]);
  });
});
