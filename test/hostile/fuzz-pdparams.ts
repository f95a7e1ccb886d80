import { array, pdparams } from "../support/numpy-pickles.ts";
import * as write from "../support/pickle-writer.ts";
import { globalOf } from "../support/torch-writer.ts";
import { pickleOpcodes, pickleTokens } from "./fuzz-pickles.ts";
import { committed, inPieces, whole } from "./fuzz-seed.ts";
import type { FuzzFormat } from "./fuzz-seed.ts";

const two = pdparams(["a", array()], ["b", array({ data: write.bytes("12345678") })]);

/** Opcodes of an array in a dict. */
const opcodes: readonly string[] = [
  [write.proto(3), "}", "(", write.text("w"), globalOf("numpy.core.multiarray._reconstruct"), "("],
  [globalOf("numpy.ndarray"), "(", write.int(0), "t", write.bytes("b"), "t", "R", "(", write.int(1)],
  ["(", write.int(2), "t", globalOf("numpy.dtype"), "(", write.text("f4"), write.no, write.yes, "t", "R"],
  ["(", write.int(3), write.text("<"), "N", "N", "N", write.int(-1), write.int(-1), write.int(0), "t", "b"],
  [write.no, write.bytes("12345678"), "t", "b", "u", "."],
].flat();

const others: readonly string[] = [
  ["f2", "u2", "b1", "O", "V4", ">", "|", "latin1", "12345678"].map(write.text),
  ["_codecs.encode", "builtins.tuple", "numpy.core.multiarray.scalar"].map(globalOf),
  [write.bytes("1234"), ...pickleOpcodes],
].flat();

export const pdparamsFuzz: FuzzFormat = {
  seeds: [...committed(".pdparams"), whole("two arrays", "x.pdparams", two)],
  pieced: [inPieces("an array in pieces", opcodes, others, (file) => [["/m/x.pdparams", file]])],
  tokens: [...pickleTokens, ...opcodes, ...others, array()],
};
