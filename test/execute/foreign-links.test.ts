import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { executePlan } from "../../src/execute/execute.ts";
import { startInline } from "../../src/execute/thread.ts";
import { plan } from "../../src/index.ts";
import { nodeStorage } from "../../src/io/node.ts";
import { temporaryFolder, writeCheckpoint } from "../support/checkpoint.ts";
import { refusal } from "../support/refusal.ts";

const values = [1, 2, 3, 4];

interface Trap {
  /** What is made in the test's folder, which holds `bystander/file` already. */
  readonly set: (folder: string, staged: string) => void;
  readonly at: (staged: string) => string;
}

const workshop = ".out.tensorweld";

/** Links that somebody who knows what is about to be merged can put beside an output. */
const traps: readonly (readonly [string, Trap])[] = [
  [
    "the hidden folder",
    { set: (folder) => fs.symlinkSync("bystander", join(folder, workshop)), at: () => workshop },
  ],
  [
    "the hidden folder, leading nowhere",
    { set: (folder) => fs.symlinkSync("nothing", join(folder, workshop)), at: () => workshop },
  ],
  ["the staged folder", inside(() => "", "../bystander")],
  ["the journal", inside(() => ".journal", "../bystander/file")],
  ["the lock", { ...inside(() => "", "../bystander/file", "lock"), at: () => join(workshop, "lock") }],
  [
    "an old output that was moved aside",
    { ...inside(() => "", "../bystander", "replaced"), at: () => join(workshop, "replaced") },
  ],
  [
    "a shard",
    {
      set(folder, staged) {
        fs.mkdirSync(join(folder, workshop, staged), { recursive: true });
        fs.symlinkSync("../../bystander/file", join(folder, workshop, staged, "model.safetensors"));
      },
      at: (staged) => join(workshop, staged, "model.safetensors"),
    },
  ],
  [
    "a document",
    {
      set(folder, staged) {
        fs.mkdirSync(join(folder, workshop, staged), { recursive: true });
        fs.symlinkSync("../../bystander/new", join(folder, workshop, staged, "merge_config.json"));
      },
      at: (staged) => join(workshop, staged, "merge_config.json"),
    },
  ],
];

/** A link in the hidden folder, by a name of its own or that of the staged folder with something behind it. */
function inside(suffix: () => string, target: string, own?: string): Trap {
  const name = (staged: string): string => own ?? `${staged}${suffix()}`;
  return {
    set(folder, staged) {
      fs.mkdirSync(join(folder, workshop));
      fs.symlinkSync(target, join(folder, workshop, name(staged)));
    },
    at: (staged) => join(workshop, name(staged)),
  };
}

describe.skipIf(process.platform === "win32").each(traps)("a link in the place of %s", (_, trap) => {
  test.each([{}, { resume: true }, { overwrite: true }])(
    "is refused with %j, and not followed",
    async (flags) => {
      const folder = temporaryFolder();
      const models = ["a", "b"].map((name) =>
        writeCheckpoint(join(folder, name), { w: { dtype: "F32", shape: [4], values } }),
      );
      const made = await plan({ model_path_list: models, output_path: join(folder, "out"), ...flags });
      const staged = made.hash.slice(0, 12);
      fs.mkdirSync(join(folder, "bystander"));
      // Of the length of the shard: a merge that resumes would take it for its own.
      fs.writeFileSync(join(folder, "bystander", "file"), Buffer.alloc(made.shards[0]!.size, "x"));
      trap.set(folder, staged);

      const platform = { storage: nodeStorage, startThread: startInline(nodeStorage) };
      const { problems } = await refusal(executePlan(made, {}, platform));
      expect(problems).toMatchObject([{ code: "output/link", file: join(folder, trap.at(staged)) }]);
      expect(fs.readdirSync(folder).toSorted()).toEqual([workshop, "a", "b", "bystander"]);
      expect(fs.readdirSync(join(folder, "bystander"))).toEqual(["file"]);
      expect(fs.readFileSync(join(folder, "bystander", "file"), "utf8")).toMatch(/^x+$/);
    },
  );
});
