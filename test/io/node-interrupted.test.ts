import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { nodeStorage as storage } from "../../src/io/node.ts";

// Signals and partial transfers do not come when a test wants them: the calls of the system are made to have them.
const system = vi.hoisted(() => ({ interruptions: 0, maxBytes: Infinity }));

vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const interrupt = (): void => {
    if (system.interruptions === 0) return;
    system.interruptions--;
    throw Object.assign(new Error("EINTR: interrupted system call"), { code: "EINTR" });
  };
  type Transfer = (handle: number, bytes: Uint8Array, from: number, length: number, at: number) => number;
  const partly =
    (call: Transfer): Transfer =>
    (handle, bytes, from, length, at) => {
      interrupt();
      return call(handle, bytes, from, Math.min(length, system.maxBytes), at);
    };
  return { ...real, readSync: partly(real.readSync), writeSync: partly(real.writeSync) };
});

const folder = fs.mkdtempSync(join(tmpdir(), "tensorweld-io-"));
const path = join(folder, "file");

beforeEach(() => {
  Object.assign(system, { interruptions: 0, maxBytes: Infinity });
  fs.writeFileSync(path, "0123456789");
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

test("reading and writing go on until all bytes are through, a few at a time", async () => {
  system.maxBytes = 3;
  const sink = await storage.openSink(path);
  await sink.write(Buffer.from("abcdefgh"), 1);
  await sink.close();
  expect(await readAll()).toBe("0abcdefgh9");
});

test("interrupted calls are repeated", async () => {
  system.interruptions = 5;
  expect(await readAll()).toBe("0123456789");
});

test("a call that is never let through fails in the end", async () => {
  system.interruptions = Infinity;
  await expect(readAll()).rejects.toMatchObject({
    outcome: "failed",
    problems: [{ code: "io/read", file: path }],
  });
});

async function readAll(): Promise<string> {
  const source = await storage.open(path);
  try {
    const bytes = Buffer.alloc(source.size);
    await source.readInto(bytes, 0);
    return bytes.toString();
  } finally {
    await source.close();
  }
}
