import { expect } from "vitest";
import type { Problem } from "../../src/errors.ts";
import { readPickle } from "../../src/formats/pickle/machine.ts";
import type { PickleValue } from "../../src/formats/pickle/values.ts";
import { problemList } from "../../src/formats/problem-list.ts";
import { memoryStorage } from "./memory-storage.ts";
import { fileOf } from "./pickle-writer.ts";

/** What a pickle came to. */
export interface PickleRun {
  readonly value: PickleValue | undefined;
  readonly problems: readonly Problem[];
  readonly bytesRead: number;
}

const allowed: ReadonlySet<string> = new Set([
  "collections.OrderedDict",
  "_codecs.encode",
  "builtins.bytearray",
  "__builtin__.bytes",
]);

/** Reads the pickle that `range` of the file `/m/a.pkl` is, all of it by default; a character is a byte. */
export async function runPickle(
  file: string,
  range: { readonly offset: number; readonly bytes: number } = { offset: 0, bytes: file.length },
): Promise<PickleRun> {
  const storage = memoryStorage(new Map([["/m/a.pkl", fileOf(file)]]));
  const problems = problemList("/m/a.pkl");
  const value = await readPickle(await storage.open("/m/a.pkl"), range, allowed, problems);
  return { value, problems: problems.all(), bytesRead: storage.bytesRead() };
}

/** The value that `opcodes` and STOP make. */
export async function valueOf(opcodes: string): Promise<PickleValue> {
  const { value, problems } = await runPickle(`${opcodes}.`);
  expect(problems).toEqual([]);
  if (value === undefined) throw new Error("there is neither a value nor a problem");
  return value;
}

/** The one problem that the whole of `pickle` is refused with. */
export async function problemOf(pickle: string): Promise<Problem> {
  const { value, problems } = await runPickle(pickle);
  expect(value).toBeUndefined();
  expect(problems).toHaveLength(1);
  return problems[0]!;
}
