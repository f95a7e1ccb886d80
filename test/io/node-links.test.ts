import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { nodeStorage as storage } from "../../src/io/node.ts";
import { strayTarget } from "../../src/io/own-files.ts";
import { temporaryFolder } from "../support/checkpoint.ts";
import { refusal } from "../support/refusal.ts";

/** Links take a right that most users of Windows lack. */
const withLinks = describe.skipIf(process.platform === "win32");

/** A folder whose own path has no links, as those of temporary folders have on some systems. */
function realFolder(): string {
  return fs.realpathSync.native(temporaryFolder());
}

function write(path: string, text = "text"): string {
  fs.mkdirSync(join(path, ".."), { recursive: true });
  fs.writeFileSync(path, text);
  return path;
}

function link(path: string, target: string): string {
  fs.mkdirSync(join(path, ".."), { recursive: true });
  fs.symlinkSync(target, path);
  return path;
}

withLinks("the real path", () => {
  test("has no link in it, neither last nor in between", async () => {
    const folder = realFolder();
    const file = write(join(folder, "a", "b", "file"));
    link(join(folder, "alias"), join(folder, "a"));
    link(join(folder, "a", "other"), "b/file");
    expect(await storage.realPath(join(folder, "alias", "b", "file"))).toBe(file);
    expect(await storage.realPath(join(folder, "alias", "other"))).toBe(file);
    expect(await storage.realPath(file)).toBe(file);
  });

  test.each(["absent", "dangling", "circle"])("of what is not there (%s) is refused", async (name) => {
    const folder = realFolder();
    link(join(folder, "dangling"), "nothing");
    link(join(folder, "circle"), "circle");
    const { problems } = await refusal((async () => storage.realPath(join(folder, name)))());
    expect(problems).toMatchObject([{ file: join(folder, name) }]);
  });
});

withLinks("a link", () => {
  test("is told from what it leads to, also where that is nothing", async () => {
    const folder = realFolder();
    const file = write(join(folder, "a", "file"));
    expect(await storage.isLink(file)).toBe(false);
    expect(await storage.isLink(join(folder, "absent"))).toBe(false);
    expect(await storage.isLink(join(file, "below"))).toBe(false);
    for (const target of [file, join(folder, "a"), "nothing"])
      expect(await storage.isLink(link(join(folder, `to-${target.length}`), target))).toBe(true);
  });

  test("is removed, and what it leads to is not", async () => {
    const folder = realFolder();
    const kept = join(folder, "kept");
    write(join(kept, "file"));
    await storage.remove(link(join(folder, "link"), kept));
    const bin = join(folder, "bin");
    link(join(bin, "deep", "to-folder"), kept);
    link(join(bin, "deep", "to-file"), join(kept, "file"));
    link(join(bin, "deep", "up"), "../..");
    await storage.remove(bin);
    expect(fs.readdirSync(folder)).toEqual(["kept"]);
    expect(fs.readFileSync(join(kept, "file"), "utf8")).toBe("text");
  });
});

withLinks("a lock", () => {
  test("that is a pipe or a link is not read, nor is what it leads to", async () => {
    const folder = realFolder();
    const secret = write(join(folder, "secret"), "held\n");
    const workshop = join(folder, "workshop");
    link(join(workshop, "lock.1..1.elsewhere"), secret);
    execFileSync("mkfifo", [join(workshop, "lock.1..2.elsewhere")]);
    const { problems } = await refusal((async () => storage.takeLock(workshop))());
    expect(problems).toMatchObject([{ code: "output/locked" }]);
    expect(fs.readFileSync(secret, "utf8")).toBe("held\n");
  });
});

withLinks("a file of a model's folder", () => {
  const hash = "0123456789abcdef0123456789abcdef01234567";

  async function strays(folder: string, name: string): Promise<string | undefined> {
    return strayTarget(storage, folder, join(folder, name));
  }

  test("is the model's own where it is no link, or one within the folder", async () => {
    const folder = realFolder();
    const model = join(folder, "model");
    write(join(model, "config.json"));
    write(join(model, "sub", "file"));
    link(join(model, "inside"), "sub/file");
    link(join(folder, "alias"), model);
    for (const name of ["config.json", "inside"]) {
      expect(await strays(model, name)).toBeUndefined();
      expect(await strays(join(folder, "alias"), name)).toBeUndefined();
    }
  });

  test("is not where it leads out, however it gets there", async () => {
    const folder = realFolder();
    const secret = write(join(folder, "secret", "id_rsa"));
    const model = join(folder, "model");
    link(join(model, "absolute"), secret);
    link(join(model, "relative"), "../secret/id_rsa");
    link(join(model, "sub"), "../secret");
    link(join(model, "step"), "absolute");
    // The name of another folder may begin like the model's.
    link(join(model, "neighbour"), write(join(folder, "model-2", "config.json")));
    for (const name of ["absolute", "relative", "sub/id_rsa", "step"])
      expect(await strays(model, name)).toBe(secret);
    expect(await strays(model, "neighbour")).toBe(join(folder, "model-2", "config.json"));
  });

  test("is the model's own where the hub's cache keeps it, and nowhere else there", async () => {
    const folder = realFolder();
    const repository = join(folder, "models--org--name");
    const snapshot = join(repository, "snapshots", hash);
    const blob = write(join(repository, "blobs", "8f3a"));
    link(join(snapshot, "config.json"), "../../blobs/8f3a");
    link(join(snapshot, "text_encoder", "config.json"), "../../../blobs/8f3a");
    expect(await strays(snapshot, "config.json")).toBeUndefined();
    expect(await strays(join(snapshot, "text_encoder"), "config.json")).toBeUndefined();

    const secret = write(join(folder, "secret"));
    link(join(repository, "blobs", "leads-on"), secret);
    link(join(snapshot, "leads-on"), "../../blobs/leads-on");
    expect(await strays(snapshot, "leads-on")).toBe(secret);
    link(join(snapshot, "refs"), write(join(repository, "refs", "main")));
    expect(await strays(snapshot, "refs")).toBe(join(repository, "refs", "main"));
    const other = write(join(folder, "models--org--other", "blobs", "8f3a"));
    link(join(snapshot, "other"), other);
    expect(await strays(snapshot, "other")).toBe(other);
    const plain = join(folder, "plain", "snapshots", hash);
    const near = write(join(folder, "plain", "blobs", "8f3a"));
    link(join(plain, "config.json"), near);
    expect(await strays(plain, "config.json")).toBe(near);
    expect(blob).not.toBe(near);
  });
});
