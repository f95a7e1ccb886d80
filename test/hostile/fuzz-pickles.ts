import * as write from "../support/pickle-writer.ts";
import { globalOf } from "../support/torch-writer.ts";

/** Every byte, which is most opcodes, and what else is a piece of a pickle. */
export const pickleTokens: readonly string[] = [
  Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)),
  ["N.", "}.", "(t", "]q\0h\0a", "q\0", "h\0", "h\x01", write.float(Number.NaN)],
  ["os.system", "builtins.bytes", "collections.OrderedDict", "_codecs.encode"].map(globalOf),
  [0, 1, -1, 2 ** 31, 2n ** 53n, 2n ** 63n].map(write.int),
  ["", "w", "latin1"].map(write.text),
].flat();

/** Opcodes that any pickle may have, whole. */
export const pickleOpcodes: readonly string[] = [
  ["N", "]", "}", ")", "(", "t", "e", "s", "u", "a", "b", "R", "Q", "0", "2", "\x85", "\x86", "q\0", "h\0"],
  [-1, 0, 1, 3, 4, 8, 2 ** 31, 2n ** 51n, 2n ** 53n].map(write.int),
  [write.no, write.yes, write.float(2), write.text("w"), write.text("model")],
].flat();
