import { PickleFault } from "./fault.ts";
import { Extent } from "./values.ts";
import type { Global, PickleValue } from "./values.ts";

// Only the protocols from 3 on have opcodes for bytes. Before, Python's pickler writes a bytes object as the call that
// makes it: `_codecs.encode("\u0000ÿ", "latin1")`, or `bytes()` when it is empty. Source: CPython, Lib/pickle.py,
// `save_bytes` and `save_bytearray`.

/** Where the text of a given content is in the file. */
type PlaceOf = (text: string) => Extent | undefined;

/** The bytes in the file that a call of `global` gives, or undefined when it is no call that spells bytes out. */
export function bytesMadeBy(
  global: Global,
  args: readonly PickleValue[],
  placeOf: PlaceOf,
): Extent | undefined {
  if (global.name === encode) return encoded(args, placeOf);
  if (!bytesTypes.includes(global.name)) return undefined;
  if (args.length === 0) return new Extent(0, 0);
  const [first] = args;
  if (args.length === 1 && first instanceof Extent && first.escape === undefined) return first;
  return encoded(args, placeOf);
}

const encode = "_codecs.encode";

const bytesTypes: readonly string[] = [
  "builtins.bytes",
  "builtins.bytearray",
  "__builtin__.bytes",
  "__builtin__.bytearray",
];

/** The globals that such calls name. */
export const bytesGlobals: readonly string[] = [encode, ...bytesTypes];

function encoded([text, encoding, ...rest]: readonly PickleValue[], placeOf: PlaceOf): Extent | undefined {
  if (rest.length > 0 || (encoding !== "latin1" && encoding !== "latin-1")) return undefined;
  if (text instanceof Extent && text.escape !== undefined) return text;
  if (typeof text !== "string") return undefined;
  const beyond = /[^\0-\u00ff]/u.exec(text)?.[0];
  if (beyond === undefined) return placeOf(text);
  const point = beyond.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  throw new PickleFault("pickle/text", `takes a text for bytes that holds U+${point}, which is no byte`);
}
