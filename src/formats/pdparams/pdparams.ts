import { sha256Hex } from "../../sha256.ts";
import type { ByteSource } from "../../io/source.ts";
import type { Format } from "../format.ts";
import { whatItIsInstead } from "../impostors.ts";
import { bytesGlobals } from "../pickle/bytes-call.ts";
import { readPickle } from "../pickle/machine.ts";
import { numpyGlobals } from "../pickle/numpy-array.ts";
import type { ProblemList } from "../problem-list.ts";
import { namedArrayGlobals, readStateDict, stateDictGlobal } from "./state-dict.ts";

const allowedGlobals: ReadonlySet<string> = new Set([
  stateDictGlobal,
  ...namedArrayGlobals,
  ...numpyGlobals,
  ...bytesGlobals,
]);

/** Paddle's .pdparams: one pickle, a dict from names to NumPy arrays. Source: paddle/framework/io.py, `save`. */
export const pdparams: Format = {
  name: "pdparams",
  extensions: [".pdparams"],
  entryNames: (prefix) => {
    // Paddle's libraries call the weights of a model model_state, whatever others call them.
    const stem = prefix === "model" ? "model_state" : prefix;
    return [`${stem}.pdparams.index.json`, `${stem}.pdparams`];
  },
  async readFile(source, problems) {
    if (!(await beginsLikeDict(source, problems))) return undefined;
    const value = await readPickle(source, { offset: 0, bytes: source.size }, allowedGlobals, problems);
    if (value === undefined) return undefined;
    const contents = readStateDict(value, source.path, problems);
    if (contents === undefined) return undefined;
    const header = contents.tensors.map(({ name, dtype, shape, offset, bytes, text }) => {
      return { name, dtype, shape, offset, bytes, text };
    });
    const headerHash = await sha256Hex(new TextEncoder().encode(JSON.stringify(header)));
    return { ...contents, metadata: new Map(), headerHash };
  },
};

/** First bytes of a pickled dict: PROTO, and before protocol 2 MARK, EMPTY_DICT, or GLOBAL for an OrderedDict. */
const firstBytes: ReadonlySet<number> = new Set([0x80, 0x28, 0x7d, 0x63]);

/** Tells files of other kinds apart, which the pickle machine could only call damaged. */
async function beginsLikeDict(source: ByteSource, problems: ProblemList): Promise<boolean> {
  const start = new Uint8Array(Math.min(source.size, 1));
  await source.readInto(start, 0);
  const [first] = start;
  if (first !== undefined && firstBytes.has(first)) return true;
  const found = first === undefined ? "is empty" : `begins with 0x${first.toString(16).padStart(2, "0")}`;
  problems.add({
    code: "pdparams/structure",
    message: `${found}, where a pickled dict is needed`,
    hint: (await whatItIsInstead(source)) ?? "it is no file of Paddle, or it is damaged",
  });
  return false;
}
