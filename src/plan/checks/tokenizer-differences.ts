import { isTensorweldError, type Problem } from "../../errors.ts";
import { readSmallFile, type Storage } from "../../io/storage.ts";
import { sha256Hex } from "../../sha256.ts";
import { advised } from "./advised.ts";

/**
 * The files that say which token has which row of the embeddings. Not among them: `tokenizer_config.json`, which has
 * the chat template; that of a chat model always differs from its base's.
 */
const tokenizerFiles = [
  "tokenizer.json",
  "tokenizer.model",
  "vocab.json",
  "merges.txt",
  "added_tokens.json",
  "special_tokens_map.json",
] as const;

/** Bytes up to which a file is read; longer ones count as the same when they are of one length. Gemma 3's take 33 MB. */
const MAX_READ_BYTES = 50_000_000;

const hint =
  "merge models with one vocabulary: the output has the latter's tokenizer, and rows of embeddings are merged by " +
  "number, whatever tokens they stand for";

/**
 * Warnings that models have other tokenizers than the leading one, by the bytes of the files in the folder of each. A
 * file that one of them lacks says nothing: there are several ways to store one vocabulary.
 */
export async function tokenizerDifferences(
  storage: Storage,
  leader: string,
  others: readonly string[],
): Promise<readonly Problem[]> {
  const warnings: Problem[] = [];
  for (const other of others) {
    const differing: Problem[] = [];
    for (const name of tokenizerFiles) {
      const file = storage.join(other, name);
      const message = await difference(storage, storage.join(leader, name), file);
      if (message !== undefined) differing.push({ code: "check/tokenizer", file, message });
    }
    warnings.push(...advised(differing, hint));
  }
  return warnings;
}

/** How the file at `path` differs from the leading model's, or why that can't be told; undefined when it does not. */
async function difference(storage: Storage, leading: string, path: string): Promise<string | undefined> {
  try {
    const [wanted, found] = [await storage.look(leading), await storage.look(path)];
    if (wanted?.kind !== "file" || found?.kind !== "file") return undefined;
    if (wanted.size !== found.size) {
      return `is ${found.size} bytes long here and ${wanted.size} in ${leading}`;
    }
    if (found.size > MAX_READ_BYTES) return undefined;
    const [wantedHash, hash] = [await hashOf(storage, leading), await hashOf(storage, path)];
    if (wantedHash === hash) return undefined;
    return `has the SHA-256 ${hash.slice(0, 16)}… here and ${wantedHash.slice(0, 16)}… in ${leading}`;
  } catch (error) {
    if (!isTensorweldError(error)) throw error;
    const reasons = error.problems.map(({ file, message }) => `${file ?? path} ${message}`);
    return `can't be compared with ${leading}: ${reasons.join("; ")}`;
  }
}

async function hashOf(storage: Storage, path: string): Promise<string> {
  return sha256Hex(new Uint8Array(await readSmallFile(storage, path, MAX_READ_BYTES)));
}
