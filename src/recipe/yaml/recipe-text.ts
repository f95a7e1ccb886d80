import { TensorweldError } from "../../errors.ts";
import { decodeUtf8 } from "../../formats/utf8.ts";

/** A recipe as it was written, in mergekit's language. */
export interface RecipeSource {
  readonly text: string;
  /** Path of the file it is from, for messages. */
  readonly file: string;
}

/** Longest recipe that is read, in bytes. The longest that people write by hand have some ten thousand. */
export const maxRecipeBytes = 500_000;

/** The text of a recipe file. @throws TensorweldError `refused` when it is none. */
export function recipeText(bytes: Uint8Array, file: string): string {
  const text = bytes.length > maxRecipeBytes ? undefined : decodeUtf8(bytes);
  if (text !== undefined) return text;
  const message =
    bytes.length > maxRecipeBytes
      ? `is ${bytes.length} bytes long, more than the ${maxRecipeBytes} allowed for a recipe`
      : "is not text in UTF-8";
  throw new TensorweldError("refused", [{ code: "request/unreadable-config", file, message }]);
}
