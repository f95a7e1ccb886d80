import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeProblem } from "../../src/errors.ts";
import { openCheckpoint } from "../../src/formats/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import * as write from "../support/pickle-writer.ts";
import { refusal } from "../support/refusal.ts";

const corpus = join(import.meta.dirname, "../hostile/pickle");

interface ExpectedProblem {
  readonly code: string;
  readonly tensor?: string;
}

const cases = JSON.parse(readFileSync(join(corpus, "cases.json"), "utf8")) as Record<
  string,
  readonly ExpectedProblem[]
>;

/** Every rule has a code; a code that no attack reaches is a rule that nothing tests. */
const codes = [
  "pickle/opcode",
  "pickle/truncated",
  "pickle/global",
  "pickle/stack",
  "pickle/memo",
  "pickle/limit",
  "pickle/text",
  "pickle/trailing",
  "pdparams/structure",
  "pdparams/array",
  "pdparams/duplicate-name",
];

describe("hostile pickles", () => {
  test("every attack has its expected problems, and the other way round", () => {
    const attacks = readdirSync(corpus).filter((name) => name !== "cases.json");
    expect(Object.keys(cases).toSorted()).toEqual(attacks.toSorted());
  });

  test("every code is reached by an attack", () => {
    const reached = new Set(Object.values(cases).flatMap((problems) => problems.map(({ code }) => code)));
    expect([...reached].toSorted()).toEqual(codes.toSorted());
  });

  test.each(Object.entries(cases))("%s is refused", async (name, expected) => {
    const { problems } = await refusal(openCheckpoint(nodeStorage, join(corpus, name), "model"));
    const found = problems.map(({ code, tensor }) => ({ code, ...(tensor !== undefined && { tensor }) }));
    expect(found).toEqual(expected);
    for (const problem of problems) {
      expect(problem.file).toBe(join(corpus, name));
      expect(describeProblem(problem).length).toBeLessThan(1000);
    }
  });
});

// A million of something, which is too much to keep in a file and little to make.
const million = 1_000_000;

/** A dict with one entry under `a`, the value in opcodes: no array, so it is refused in the end. */
const entry = (opcodes: string): string => `}${write.text("a")}${opcodes}s`;

describe("pickles that ask for much", () => {
  test.each<readonly [string, string, string]>([
    ["tuples within each other", entry(`)${"\x85".repeat(500_000)}`), "pdparams/structure"],
    ["lists within each other", entry(`${"]".repeat(50_000)}${"a".repeat(49_999)}`), "pdparams/structure"],
    ["marks", write.mark.repeat(million), "pickle/limit"],
    ["values on the stack", write.none.repeat(million), "pickle/limit"],
    ["dicts on the stack", write.emptyDict.repeat(million), "pickle/limit"],
    ["dicts that are dropped", "}0".repeat(million + 1), "pickle/limit"],
    ["opcodes", "N0".repeat(5 * million + 1), "pickle/limit"],
    ["entries of the memo", memoEntries(600_001), "pickle/limit"],
    ["items of a list", entry(`]${"Na".repeat(million)}`), "pickle/limit"],
    ["pairs of a dict", `}${"NNs".repeat(million)}`, "pickle/limit"],
    ["bytes of names", entry(`]${`${write.text("a".repeat(4096))}0`.repeat(8000)}`), "pickle/limit"],
    ["names of globals", entry(`]${`${write.global("numpy", "ndarray")}0`.repeat(600_000)}`), "pickle/limit"],
    ["escapes", entry(`]${`V${String.raw`\u0061`.repeat(600)}\n0`.repeat(1100)}`), "pickle/limit"],
    ["escapes in quotes", entry(`]${`S'${String.raw`\n`.repeat(2000)}'\n0`.repeat(1000)}`), "pickle/limit"],
    ["digits", entry(`]${`F${"1".repeat(4000)}\n0`.repeat(8000)}`), "pickle/limit"],
    ["a line that does not end", `V${"a".repeat(5 * million)}`, "pickle/truncated"],
    ["calls within each other", entry(nestedCalls(40_000)), "pdparams/structure"],
    ["a list that holds itself", entry("]q\x00h\x00a"), "pdparams/structure"],
    ["a list that holds itself often", entry(`]q\x00${"h\x00a".repeat(500_000)}`), "pdparams/structure"],
    ["a dict that holds itself", "}q\x00X\x01\0\0\0ah\x00s", "pdparams/structure"],
    ["lists that double", entry(doublings(30_000)), "pdparams/structure"],
    ["an array of one axis, a million times", sharedShape(20_000), "pdparams/array"],
  ])("%s", async (_, opcodes, code) => {
    const files = new Map([["/m/model_state.pdparams", write.fileOf(`\x80\x04${opcodes}.`)]]);
    const { problems } = await refusal(openCheckpoint(memoryStorage(files), "/m", "model"));
    expect(new Set(problems.map((problem) => problem.code))).toEqual(new Set([code]));
    expect(problems.length).toBeLessThan(60);
  });
});

function memoEntries(count: number): string {
  const puts = Array.from({ length: count }, (_, key) => `r${write.littleEndian(key, 4)}`);
  return write.none + puts.join("");
}

/** An object whose state is an object, and so on. */
function nestedCalls(depth: number): string {
  const object = `${write.get(1)})R`;
  return (
    write.put(write.global("collections", "OrderedDict"), 1) +
    `0${object.repeat(depth)}${"b".repeat(depth - 1)}`
  );
}

/** A list of twice the same list, and so on: as a tree it would have 2 to the power of `depth` leaves. */
function doublings(depth: number): string {
  return `]${"2\x86".repeat(depth)}`;
}

/** Arrays that all have the same shape, of as many axes as fit on the stack. */
function sharedShape(count: number): string {
  const shape = write.put(write.tuple(write.none.repeat(99_000)), 1);
  const state = write.tuple(write.int(1), write.get(1), write.none, write.no, write.none);
  const make = write.global("numpy.core.multiarray", "_reconstruct");
  const array = `${write.put(`${make}${write.global("numpy", "ndarray")}\x85R`, 2)}${state}b`;
  const names = Array.from({ length: count }, (_, at) => `${write.text(`a${at}`)}${write.get(2)}s`);
  return `${shape}0${array}0}${names.join("")}`;
}
