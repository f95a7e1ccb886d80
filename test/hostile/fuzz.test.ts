import { expect, test } from "vitest";
import { fileOf } from "../support/pickle-writer.ts";
import { outcomeOf } from "./fuzz-checks.ts";
import { FuzzRandom, mutate } from "./fuzz-mutations.ts";
import { pdparamsFuzz } from "./fuzz-pdparams.ts";
import { pytorchFuzz } from "./fuzz-pytorch.ts";
import { safetensorsFuzz } from "./fuzz-safetensors.ts";
import type { FuzzFormat, FuzzSeed } from "./fuzz-seed.ts";

/** Inputs for each of three formats, 180,000 in all; they take some twenty seconds. */
const inputs = 60_000;

/** Milliseconds for one format's inputs on a slow machine; a limit only stops what hangs. */
const timeout = 300_000;

test.each<readonly [string, FuzzFormat]>([
  ["safetensors", safetensorsFuzz],
  ["pdparams", pdparamsFuzz],
  ["PyTorch", pytorchFuzz],
])(
  "%s: whatever is changed, a file is refused, or its tensors lie inside it",
  { timeout },
  async (_, format) => {
    const random = new FuzzRandom(20_261_124);
    const tokens = format.tokens.map(fileOf);
    // Half of the inputs are files changed by bytes. Of those that are refused as they are, nearly all stay so for the
    // same reason: half of that half is made of the others.
    const groups = [format.seeds, await acceptedOf(format.seeds), format.pieced, format.pieced];
    const outcomes = { accepted: 0, refused: 0 };
    for (let input = 0; input < inputs; input++) {
      const seed = random.pick(groups[input % groups.length]!);
      const body = mutate(seed.body, random, { other: random.pick(format.seeds).body, tokens });
      outcomes[await checked(seed, body)]++;
    }
    // Were nearly all of one kind, the changes would be too small or too large to test anything.
    expect(outcomes.accepted).toBeGreaterThan(inputs / 50);
    expect(outcomes.refused).toBeGreaterThan(inputs / 2);
  },
);

test("the random numbers are the same in every run", () => {
  const random = new FuzzRandom(1);
  expect(Array.from({ length: 4 }, () => random.below(1000))).toEqual([369, 689, 461, 695]);
});

/** The seeds that are accepted as they are. */
async function acceptedOf(seeds: readonly FuzzSeed[]): Promise<readonly FuzzSeed[]> {
  const outcomes = await Promise.all(seeds.map((seed) => checked(seed, seed.body)));
  return seeds.filter((_, index) => outcomes[index] === "accepted");
}

/** How a changed seed ends. What should not happen names the seed and the body, to try it again. */
async function checked(seed: FuzzSeed, body: Uint8Array): Promise<"accepted" | "refused"> {
  const files = seed.files(body);
  try {
    return await outcomeOf(new Map(files), files[0]![0]);
  } catch (error) {
    throw new Error(`${seed.name}: ${Buffer.from(body).toString("base64")}`, { cause: error });
  }
}
