import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isTensorweldError } from "../../src/errors.ts";
import type { TensorweldError } from "../../src/errors.ts";
import { nodeStorage as storage } from "../../src/io/node.ts";
import { readSmallFile } from "../../src/io/storage.ts";

let folder = "";

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "tensorweld-io-"));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

describe("reading", () => {
  test("fills the buffer from any offset", async () => {
    const source = await storage.open(fileOf("a", "0123456789"));
    expect(source.size).toBe(10);
    expect(source.modified).toBe(fs.statSync(source.path).mtimeMs);
    expect(await textAt(source, 4, 3)).toBe("3456");
    expect(await textAt(source, 0, 10)).toBe("");
    await source.close();
  });

  test("names offset and lengths when the file was cut short after it was opened", async () => {
    const path = fileOf("a", "0123456789");
    const source = await storage.open(path);
    fs.truncateSync(path, 4);
    const error = await errorOf(() => source.readInto(new Uint8Array(6), 2));
    expect(error.outcome).toBe("failed");
    expect(error.problems[0]).toMatchObject({
      code: "io/short-read",
      file: path,
      message: "ends before its time: 6 bytes wanted at offset 2, 2 there",
    });
    await source.close();
  });

  test("refuses what is not there", async () => {
    for (const path of [join(folder, "absent"), join(fileOf("file", ""), "below")]) {
      const error = await errorOf(() => storage.open(path));
      expect([error.outcome, error.problems[0]?.code, error.problems[0]?.file]).toEqual([
        "refused",
        "checkpoint/not-found",
        path,
      ]);
    }
    expect((await errorOf(() => storage.list(join(folder, "absent")))).problems[0]?.code).toBe(
      "checkpoint/not-found",
    );
  });

  test("refuses a folder", async () => {
    const error = await errorOf(() => storage.open(folder));
    expect(error.problems[0]?.message).toBe("is a folder, where a regular file is needed");
  });

  test.skipIf(process.platform === "win32")("refuses a pipe without waiting for its writer", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    expect((await errorOf(() => storage.open(pipe))).problems[0]?.message).toContain("a pipe or a device");
    expect(await storage.look(pipe)).toEqual({ kind: "other", size: 0 });
  });

  test.skipIf(process.platform === "win32")(
    "looks through links, and sees nothing at the end of a broken one",
    async () => {
      const path = fileOf("a", "12345");
      fs.symlinkSync(path, join(folder, "link"));
      fs.symlinkSync(join(folder, "absent"), join(folder, "broken"));
      expect(await storage.look(join(folder, "link"))).toEqual({ kind: "file", size: 5 });
      expect(await storage.look(join(folder, "broken"))).toBeUndefined();
      expect(await storage.look(folder)).toEqual({ kind: "folder", size: 0 });
    },
  );

  test("lists names in the order of their code units", async () => {
    for (const name of ["b", "a", "B", "\u00e9", "10", "9"]) fileOf(name, "");
    expect(await storage.list(folder)).toEqual(["10", "9", "B", "a", "b", "\u00e9"]);
  });

  test("takes small files whole and refuses larger ones", async () => {
    const path = fileOf("a", "12345");
    expect(Buffer.from(await readSmallFile(storage, path, 5)).toString()).toBe("12345");
    const error = await errorOf(() => readSmallFile(storage, path, 4));
    expect(error.problems[0]?.message).toContain("5 bytes long, more than the 4");
  });
});

describe("writing", () => {
  test("makes a file of its final length and fills it in any order", async () => {
    const path = join(folder, "a");
    await storage.createFile(path, 8);
    const sink = await storage.openSink(path);
    await sink.write(Buffer.from("5678"), 4);
    await sink.write(Buffer.from("1234"), 0);
    await sink.close();
    await storage.flush(path);
    expect(fs.readFileSync(path, "utf8")).toBe("12345678");
  });

  test("makes a file only where there is none", async () => {
    const path = fileOf("a", "kept");
    const error = await errorOf(() => storage.createFile(path, 8));
    expect([error.outcome, error.problems[0]?.code]).toEqual(["failed", "io/write"]);
    expect(fs.readFileSync(path, "utf8")).toBe("kept");
  });

  test("refuses to write into what is not there", async () => {
    const path = join(folder, "absent");
    expect((await errorOf(() => storage.openSink(path))).problems[0]).toMatchObject({
      code: "io/write",
      file: path,
    });
    expect((await errorOf(() => storage.flush(path))).problems[0]?.code).toBe("io/write");
  });

  test.skipIf(!fs.existsSync("/dev/full"))(
    "says that a full disk may be retried, and what to do",
    async () => {
      const sink = await storage.openSink("/dev/full");
      const error = await errorOf(() => sink.write(new Uint8Array(8), 0));
      expect([error.outcome, error.retryable, error.problems[0]?.code]).toEqual(["failed", true, "io/write"]);
      expect(error.problems[0]?.hint).toContain("free some space");
      expect(error.cause).toMatchObject({ code: "ENOSPC" });
      await sink.close();
    },
  );

  test("copies a read-only file into one that can be flushed", async () => {
    const from = fileOf("a", "text");
    fs.chmodSync(from, 0o444);
    const to = join(folder, "b");
    await storage.copyFile(from, to);
    await storage.flush(to);
    expect(fs.readFileSync(to, "utf8")).toBe("text");
    expect(fs.statSync(to).mode & 0o200).toBe(0o200);
  });

  test("makes a folder with its parents, and does not mind when they are there", async () => {
    const path = join(folder, "a", "b", "c");
    await storage.makeFolder(path);
    await storage.makeFolder(path);
    expect(fs.statSync(path).isDirectory()).toBe(true);
  });

  test("removes a folder with all it holds, and does not mind when there is nothing", async () => {
    fs.mkdirSync(join(folder, "a"));
    fileOf("a/b", "");
    await storage.remove(join(folder, "a"));
    await storage.remove(join(folder, "a"));
    expect(await storage.list(folder)).toEqual([]);
  });

  test("tells the free space where the folder is yet to be made", async () => {
    const free = await storage.freeBytes(join(folder, "not", "yet", "there"));
    expect(free).toBeGreaterThan(0);
    expect(await storage.freeBytes(parse(folder).root)).toBeGreaterThan(0);
  });
});

describe("commitFolder", () => {
  test.each(["nothing", "an empty folder"])(
    "gives the staged folder its name where there is %s",
    async (before) => {
      const [staged, final] = stagedAndFinal();
      if (before !== "nothing") fs.mkdirSync(final);
      await storage.commitFolder(staged, final);
      expect(fs.readdirSync(folder)).toEqual(["final"]);
      expect(fs.readFileSync(join(final, "file"), "utf8")).toBe("staged");
    },
  );

  test.each(["a folder with files", "a file"])("leaves %s alone", async (before) => {
    const [staged, final] = stagedAndFinal();
    if (before === "a file") fileOf("final", "kept");
    else {
      fs.mkdirSync(final);
      fileOf("final/file", "kept");
    }
    const error = await errorOf(() => storage.commitFolder(staged, final));
    expect([error.outcome, error.problems[0]?.code, error.problems[0]?.file]).toEqual([
      "refused",
      "output/exists",
      final,
    ]);
    expect(fs.readFileSync(before === "a file" ? final : join(final, "file"), "utf8")).toBe("kept");
    expect(fs.readFileSync(join(staged, "file"), "utf8")).toBe("staged");
  });

  test("fails where there is nothing to commit", async () => {
    const error = await errorOf(() => storage.commitFolder(join(folder, "absent"), join(folder, "final")));
    expect([error.outcome, error.problems[0]?.code]).toEqual(["failed", "io/write"]);
  });
});

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  fs.writeFileSync(path, text);
  return path;
}

function stagedAndFinal(): readonly [string, string] {
  const staged = join(folder, "staged");
  fs.mkdirSync(staged);
  fileOf("staged/file", "staged");
  return [staged, join(folder, "final")];
}

async function textAt(
  source: Awaited<ReturnType<typeof storage.open>>,
  length: number,
  at: number,
): Promise<string> {
  const bytes = Buffer.alloc(length);
  await source.readInto(bytes, at);
  return bytes.toString();
}

async function errorOf(work: () => unknown): Promise<TensorweldError> {
  try {
    await work();
  } catch (error) {
    if (isTensorweldError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
